package dev.kogata.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kogata.gateway.v1.CreateUploadRequest;
import dev.kogata.gateway.v1.GatewayServiceGrpc;
import dev.kogata.gateway.v1.Upload;
import dev.kogata.gateway.v1.WriteUploadRequest;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** One upload by gRPC, sent as fast as the gateway takes it and no faster. */
final class GrpcUpload implements ClientResponseObserver<WriteUploadRequest, Upload> {
    private final CompletableFuture<Upload> done = new CompletableFuture<>();
    private final Semaphore ready = new Semaphore(0);
    private ClientCallStreamObserver<WriteUploadRequest> call;

    private GrpcUpload() {}

    /** Uploads the same piece so many times, and returns the upload with all of it. */
    static Upload send(ManagedChannel channel, byte[] piece, int pieces, String sha256) throws Exception {
        long bytes = (long) pieces * piece.length;
        Upload upload = GatewayServiceGrpc.newBlockingStub(channel)
                .createUpload(CreateUploadRequest.newBuilder().setSizeBytes(bytes).setFilename("large").setSha256(sha256).build());
        GrpcUpload sending = new GrpcUpload();
        GatewayServiceGrpc.newStub(channel).writeUpload(sending);
        ByteString data = UnsafeByteOperations.unsafeWrap(piece);
        for (int i = 0; i < pieces; i++) {
            while (!sending.call.isReady() && !sending.done.isDone()) {
                sending.ready.acquire();
            }
            sending.call.onNext(WriteUploadRequest.newBuilder().setName(i == 0 ? upload.getName() : "").setData(data).build());
        }
        sending.call.onCompleted();
        Upload written = sending.done.get();
        if (written.getOffset() != bytes) {
            throw new IllegalStateException(written.getOffset() + " of " + bytes + " bytes have arrived");
        }
        return written;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WriteUploadRequest> started) {
        call = started;
        started.setOnReadyHandler(ready::release);
    }

    @Override
    public void onNext(Upload upload) {
        done.complete(upload);
    }

    @Override
    public void onError(Throwable failure) {
        done.completeExceptionally(failure);
        ready.release();
    }

    @Override
    public void onCompleted() {}
}

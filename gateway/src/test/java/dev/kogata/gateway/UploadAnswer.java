package dev.kogata.gateway;

import dev.kogata.gateway.v1.Upload;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** What a stream of WriteUpload is answered with, once it is. */
public final class UploadAnswer extends CompletableFuture<Upload> implements StreamObserver<Upload> {
    @Override
    public void onNext(Upload upload) {
        complete(upload);
    }

    @Override
    public void onError(Throwable failure) {
        completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
}

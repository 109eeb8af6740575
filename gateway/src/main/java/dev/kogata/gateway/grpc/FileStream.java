package dev.kogata.gateway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.kogata.gateway.v1.ReadResultFileResponse;
import dev.kogata.kit.error.Incident;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.logging.Logger;

/** Sends a file for as long as the client takes it, and goes on when the client is ready again: one message is in memory at a time. */
final class FileStream {
    private static final Logger LOG = Logger.getLogger(FileStream.class);
    private static final int MESSAGE_BYTES = 1 << 20;

    private final InputStream bytes;
    private final ServerCallStreamObserver<ReadResultFileResponse> client;
    private boolean over;

    private FileStream(InputStream bytes, ServerCallStreamObserver<ReadResultFileResponse> client) {
        this.bytes = bytes;
        this.client = client;
    }

    /** Begins to send; to be called inside the gRPC method, where the client's handlers can still be set. Closes the stream. */
    static void send(InputStream bytes, ServerCallStreamObserver<ReadResultFileResponse> client) {
        FileStream stream = new FileStream(bytes, client);
        client.setOnCancelHandler(stream::close);
        client.setOnReadyHandler(stream::send);
        stream.send();
    }

    private synchronized void send() {
        try {
            while (!over && client.isReady()) {
                byte[] piece = bytes.readNBytes(MESSAGE_BYTES);
                if (piece.length == 0) {
                    close();
                    client.onCompleted();
                } else {
                    ByteString data = UnsafeByteOperations.unsafeWrap(piece);
                    client.onNext(ReadResultFileResponse.newBuilder().setData(data).build());
                }
            }
        } catch (IOException | RuntimeException e) {
            close();
            client.onError(Incident.of(e).toGrpc());
        }
    }

    private synchronized void close() {
        over = true;
        try {
            bytes.close();
        } catch (IOException e) {
            LOG.debug("A file that was being sent could not be closed", e);
        }
    }
}

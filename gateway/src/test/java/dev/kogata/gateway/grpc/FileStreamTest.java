package dev.kogata.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.gateway.v1.ReadResultFileResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Against a client that says when it is ready, which a real one does through gRPC's flow control. */
class FileStreamTest {
    private static final int FILE_BYTES = 100 << 20;

    @Test
    void readsNoFurtherThanASlowClientTakes() {
        SlowClient client = new SlowClient();
        Counted file = new Counted(FILE_BYTES);
        FileStream.send(file, client);
        assertThat(file.read).as("the client takes nothing").isZero();
        for (int taken = 1; taken <= 5; taken++) {
            client.takeOne();
            assertThat(client.received).isEqualTo((long) taken << 20);
            assertThat(file.read).isEqualTo(client.received);
        }
    }

    @Test
    void endsAfterTheLastByteAndClosesTheFile() {
        SlowClient client = new SlowClient();
        Counted file = new Counted((1 << 20) + 7);
        FileStream.send(file, client);
        client.takeOne();
        client.takeOne();
        client.takeOne();
        assertThat(client.received).isEqualTo((1 << 20) + 7);
        assertThat(client.completed).isTrue();
        assertThat(file.closed).isTrue();
    }

    @Test
    void closesTheFileOfAClientThatLeft() {
        SlowClient client = new SlowClient();
        Counted file = new Counted(FILE_BYTES);
        FileStream.send(file, client);
        client.takeOne();
        client.cancel.run();
        client.takeOne();
        assertThat(file.closed).isTrue();
        assertThat(client.received).isEqualTo(1 << 20);
    }

    /** Zeros, so many. */
    private static final class Counted extends InputStream {
        private final long length;
        private long read;
        private boolean closed;

        Counted(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return read == length ? -1 : (int) (0 * ++read);
        }

        @Override
        public int read(byte[] buffer, int offset, int count) {
            int given = (int) Math.min(count, length - read);
            read += given;
            return given == 0 && count > 0 ? -1 : given;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class SlowClient extends ServerCallStreamObserver<ReadResultFileResponse> {
        private Runnable ready;
        private Runnable cancel;
        private int willing;
        private long received;
        private boolean completed;

        void takeOne() {
            willing = 1;
            ready.run();
        }

        @Override
        public boolean isReady() {
            return willing > 0;
        }

        @Override
        public void onNext(ReadResultFileResponse message) {
            willing--;
            received += message.getData().size();
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            ready = handler;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            cancel = handler;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}

package dev.kogata.gateway.grpc;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Messages of a client, read as one stream. The next message is asked for when the one before is taken, so that {@link #AHEAD}
 * messages are in memory at most, however fast the client and slow the disk. One thread pushes, one reads.
 */
final class PushedBytes extends InputStream {
    /** Messages that are asked for before the first one is read. */
    static final int AHEAD = 2;

    private static final ByteString END = ByteString.copyFromUtf8("end");
    private static final ByteString BROKEN = ByteString.copyFromUtf8("broken");

    private final BlockingQueue<ByteString> messages = new LinkedBlockingQueue<>();
    private final Runnable askForMore;
    private final Duration patience;
    private InputStream current = InputStream.nullInputStream();
    private boolean over;

    /**
     * A stream of what will be pushed.
     *
     * @param askForMore called by the reader for each message that it took
     * @param patience how long the reader waits for a client that sends nothing
     */
    PushedBytes(Runnable askForMore, Duration patience) {
        this.askForMore = askForMore;
        this.patience = patience;
    }

    void push(ByteString bytes) {
        messages.add(bytes);
    }

    void end() {
        messages.add(END);
    }

    /** The client is gone: the reader gets what came before, and then an IOException. */
    void breakOff() {
        messages.add(BROKEN);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (!over) {
            int count = current.read(buffer, offset, length);
            if (count > 0 || length == 0) {
                return Math.max(0, count);
            }
            next();
        }
        return -1;
    }

    private void next() throws IOException {
        ByteString message;
        try {
            message = messages.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        if (message == null || message == BROKEN) {
            throw new IOException(message == null ? "the client sends nothing" : "the client is gone");
        }
        over = message == END;
        if (!over) {
            current = message.newInput();
            askForMore.run();
        }
    }
}

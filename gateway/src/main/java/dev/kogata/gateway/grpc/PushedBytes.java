package dev.kogata.gateway.grpc;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Messages of a client, read as one stream. Each is asked for when its turn comes, {@link #AHEAD} at most: one comes in while the one
 * before is written, however fast the client and slow the disk. One thread pushes, one reads; whoever reads closes.
 */
final class PushedBytes extends InputStream {
    /** Messages that are asked for and not yet read to their end. */
    static final int AHEAD = 2;

    private enum Kind { DATA, END, BROKEN }

    private record Pushed(Kind kind, ByteString data, MessageTurns.Turn turn) {}

    private final BlockingQueue<Pushed> messages = new LinkedBlockingQueue<>();
    /** Turns of messages that have not come yet, in their order. */
    private final Queue<MessageTurns.Turn> awaited = new ArrayDeque<>();
    private final MessageTurns turns;
    private final Runnable askForOne;
    private final Duration patience;
    private int asked;
    private int came;
    private boolean closed;
    private InputStream current = InputStream.nullInputStream();
    private MessageTurns.Turn written;
    private boolean over;

    /**
     * A stream of what will be pushed.
     *
     * @param turns of the messages of all streams
     * @param askForOne asks the client for one message
     * @param patience how long the reader waits for a client that was asked and sends nothing
     */
    PushedBytes(MessageTurns turns, Runnable askForOne, Duration patience) {
        this.turns = turns;
        this.askForOne = askForOne;
        this.patience = patience;
    }

    /** Asks for the first messages. */
    void begin() {
        for (int i = 0; i < AHEAD; i++) {
            ask();
        }
    }

    void push(ByteString bytes) {
        MessageTurns.Turn turn;
        synchronized (awaited) {
            came++;
            turn = awaited.poll();
        }
        if (turn != null) {
            turn.arrived();
        }
        messages.add(new Pushed(Kind.DATA, bytes, turn));
    }

    void end() {
        messages.add(new Pushed(Kind.END, null, null));
    }

    /** The client is gone: the reader gets what came before, and then an IOException. */
    void breakOff() {
        messages.add(new Pushed(Kind.BROKEN, null, null));
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
        if (written != null) {
            written.over();
            written = null;
            ask();
        }
        Pushed message = awaitMessage();
        if (message.kind() == Kind.BROKEN) {
            throw new IOException("the client is gone");
        }
        over = message.kind() == Kind.END;
        if (!over) {
            current = message.data().newInput();
            written = message.turn();
        }
    }

    private Pushed awaitMessage() throws IOException {
        while (true) {
            boolean clientsTurn;
            synchronized (awaited) {
                clientsTurn = asked > came;
            }
            try {
                Pushed message = messages.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
                if (message != null) {
                    return message;
                }
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
            if (clientsTurn) {
                throw new IOException("the client sends nothing");
            }
        }
    }

    private void ask() {
        synchronized (awaited) {
            if (closed) {
                return;
            }
            // Its turn may come at once, and the message before this line is left: push waits for it.
            awaited.add(turns.ask(this::hasTurn));
        }
    }

    private void hasTurn() {
        synchronized (awaited) {
            asked++;
        }
        askForOne.run();
    }

    /** Gives all turns back. What came and was not read is lost. */
    @Override
    public void close() {
        synchronized (awaited) {
            closed = true;
            awaited.forEach(MessageTurns.Turn::over);
            awaited.clear();
        }
        if (written != null) {
            written.over();
        }
        for (Pushed left = messages.poll(); left != null; left = messages.poll()) {
            if (left.turn() != null) {
                left.turn().over();
            }
        }
    }
}

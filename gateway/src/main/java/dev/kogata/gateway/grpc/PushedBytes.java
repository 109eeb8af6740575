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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Messages of a client, read as one stream. Each is asked for when its turn comes: one comes in while the one before is
 * written, and no more, however fast the client and slow the disk. One thread pushes, one reads; whoever reads closes.
 */
final class PushedBytes extends InputStream {
    private enum Kind { DATA, END, BROKEN }

    private record Pushed(Kind kind, ByteString data, MessageTurns.Turn turn) {}

    private final BlockingQueue<Pushed> messages = new LinkedBlockingQueue<>();
    /** Turns of messages that have not come yet, in their order. */
    private final Queue<MessageTurns.Turn> awaited = new ArrayDeque<>();
    private final MessageTurns turns;
    private final Runnable askForOne;
    private final Runnable giveUp;
    private final Duration patience;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger came = new AtomicInteger();
    private boolean closed;
    private InputStream current = InputStream.nullInputStream();
    private MessageTurns.Turn written;
    private boolean over;

    /**
     * A stream of what will be pushed.
     *
     * @param turns of the messages of all streams
     * @param askForOne asks the client for one message
     * @param giveUp called where others cannot wait for this client any longer
     * @param patience how long the reader waits for a client that was asked and sends nothing
     */
    PushedBytes(MessageTurns turns, Runnable askForOne, Runnable giveUp, Duration patience) {
        this.giveUp = giveUp;
        this.turns = turns;
        this.askForOne = askForOne;
        this.patience = patience;
    }

    /** Asks for the first message. */
    void begin() {
        ask();
    }

    void push(ByteString bytes) {
        MessageTurns.Turn turn;
        synchronized (awaited) {
            turn = awaited.poll();
        }
        came.incrementAndGet();
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
        // Before its turn is over: whoever waits for a message keeps none.
        current = InputStream.nullInputStream();
        if (written != null) {
            written.over();
            written = null;
        }
        Pushed message = awaitMessage();
        if (message.kind() == Kind.BROKEN) {
            throw new IOException("the client is gone");
        }
        over = message.kind() == Kind.END;
        if (!over) {
            current = message.data().newInput();
            written = message.turn();
            ask();
        }
    }

    private Pushed awaitMessage() throws IOException {
        while (true) {
            boolean clientsTurn = asked.get() > came.get();
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
        MessageTurns.Turn turn = turns.turn(this::hasTurn, giveUp);
        synchronized (awaited) {
            if (closed) {
                return;
            }
            awaited.add(turn);
        }
        turn.ask();
    }

    private void hasTurn() {
        asked.incrementAndGet();
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

package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bytes of one entry: counts them, and turns every fault of the archive into a refusal. Not thread-safe. */
final class EntryInputStream extends FilterInputStream {
    private final String name;
    private final long most;
    private long count;

    EntryInputStream(InputStream in, String name, long most) {
        super(in);
        this.name = name;
        this.most = most;
    }

    long count() {
        return count;
    }

    /** Reads what is left. */
    void drain() throws IOException {
        byte[] buffer = new byte[8192];
        while (read(buffer, 0, buffer.length) >= 0) {
            continue;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int got = read(one, 0, 1);
        return got < 0 ? got : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        int got;
        try {
            got = super.read(buffer, offset, length);
        } catch (IOException | IllegalArgumentException e) {
            throw Archive.broken(name);
        }
        count += Math.max(0, got);
        if (count > most) {
            throw Refusal.archive(name, "The archive unpacks to more bytes than it may, at \"" + Refusal.printable(name) + "\".");
        }
        return got;
    }

    @Override
    public long skip(long wanted) throws IOException {
        byte[] buffer = new byte[(int) Math.min(8192, Math.max(0, wanted))];
        return buffer.length == 0 ? 0 : Math.max(0, read(buffer, 0, buffer.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {
        // The archive reader goes on with the next entry of the same stream.
    }
}

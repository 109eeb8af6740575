package dev.kogata.gateway.archive;

import dev.kogata.gateway.problem.Refusal;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Lets only so many bytes through until it is told to let more. Archive readers sit on it, so that neither a header that
 * never ends nor a bomb gets any further than this. Not thread-safe.
 */
final class MeteredInputStream extends FilterInputStream {
    private long left;
    private String what = "";

    MeteredInputStream(InputStream in) {
        super(in);
    }

    /** From now on, {@code bytes} more may be read. */
    void allow(long bytes, String of) {
        left = bytes;
        what = of;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            count(1);
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            count(count);
        }
        return count;
    }

    @Override
    public long skip(long wanted) throws IOException {
        long skipped = super.skip(wanted);
        count(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long bytes) {
        left -= bytes;
        if (left < 0) {
            throw Refusal.archive(what, "There is more in the archive than it may hold, at " + what + ".");
        }
    }
}

package dev.kogata.kit.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream over another one that says what becomes of many bytes at once, and so of one; it never goes back. Not thread-safe. */
public abstract class BulkInputStream extends FilterInputStream {
    protected BulkInputStream(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public final boolean markSupported() {
        return false;
    }
}

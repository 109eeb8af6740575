package dev.kogata.gateway.result;

import dev.kogata.kit.artifact.BulkInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A part of an artifact that is all there, or fails: a store checks only whole artifacts, and a part that ends early, because the file was
 * cut or went away, must not look like the part that was asked for. Not thread-safe.
 */
final class CompleteBytes extends BulkInputStream {
    private long left;

    /** So many bytes of a stream. */
    CompleteBytes(InputStream in, long length) {
        super(in);
        this.left = length;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            // Only at its end does a store's stream say whether the bytes were the right ones.
            if (in.read(new byte[1], 0, 1) >= 0) {
                throw new IOException("an artifact has more bytes than it should");
            }
            return -1;
        }
        int count = in.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException(left + " bytes of an artifact are missing");
        }
        left -= count;
        return count;
    }

    @Override
    public long skip(long count) {
        throw new UnsupportedOperationException("it is read from its first byte on");
    }
}

package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Map;

/** Hashes what is read, and fails with {@code ARTIFACT_DAMAGED} at the end if it was something else. */
final class VerifyingStream extends BulkInputStream {
    private final String sha256;
    private final MessageDigest digest = Sha256.digest();
    private boolean ended;

    VerifyingStream(InputStream in, String sha256) {
        super(in);
        this.sha256 = sha256;
    }

    static KogataException damaged(String sha256) {
        return new KogataException(Reason.ARTIFACT_DAMAGED,
                "The stored bytes of " + sha256 + " have changed; upload or compute them again.", Map.of("sha256", sha256));
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = in.read(bytes, offset, length);
        if (n > 0) {
            digest.update(bytes, offset, n);
        } else if (n < 0 && !ended) {
            ended = true;
            if (!Sha256.hex(digest.digest()).equals(sha256)) {
                throw damaged(sha256);
            }
        }
        return n;
    }

    /** Skipped bytes are read, since they count too. */
    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(count, 8192)];
        return buffer.length == 0 ? 0 : Math.max(0, read(buffer, 0, buffer.length));
    }
}

package dev.kogata.gateway.upload;

import java.time.Instant;

/**
 * How far an upload has come. Immutable.
 *
 * @param info what it was created with
 * @param offset bytes received and kept
 * @param expires when it is removed unless more comes
 */
public record UploadStatus(UploadInfo info, long offset, Instant expires) {
    /** True when all bytes are there. */
    public boolean finished() {
        return offset == info.length();
    }
}

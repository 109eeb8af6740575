package dev.kogata.gateway.upload;

import java.time.Duration;

/**
 * Limits on uploads. Immutable.
 *
 * @param mostBytes of one upload
 * @param mostUploads that may be unfinished or unused at once
 * @param lifetime after the last byte came
 * @param patience how long a new writer waits for an earlier one to let go
 */
public record UploadLimits(long mostBytes, int mostUploads, Duration lifetime, Duration patience) {}

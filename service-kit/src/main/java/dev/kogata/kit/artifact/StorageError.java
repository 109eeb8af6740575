package dev.kogata.kit.artifact;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** What an error of a file system means to a caller. */
public final class StorageError {
    private StorageError() {}

    /** {@code DISK_FULL} where space or quota is used up, {@code UNAVAILABLE} otherwise. */
    public static KogataException of(IOException e) {
        return diskFull(e).orElseGet(() ->
                new KogataException(Reason.UNAVAILABLE, "The store cannot be read or written now; try again.", Map.of(), e));
    }

    /** The error of a full disk, where {@code e} or one of its causes is one. */
    public static Optional<KogataException> diskFull(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            // The JDK gives no other sign than the system's text (ENOSPC, EDQUOT).
            String text = String.valueOf(cause.getMessage());
            if (cause instanceof IOException && (text.contains("No space left on device") || text.contains("Disk quota exceeded"))) {
                return Optional.of(new KogataException(Reason.DISK_FULL, "The store has no space left; free some and try again.", Map.of(), e));
            }
        }
        return Optional.empty();
    }
}

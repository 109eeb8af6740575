package dev.kogata.kit.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A place where a test may have the process end as a power failure would end it. Off unless the system property {@code kogata.fault} names a
 * file; nothing in a configuration file or the environment turns it on. While that file is there, the process ends at the first place whose name
 * begins with what the file holds, or with {@code NAME@N} at the N-th one. Thread-safe.
 */
public final class FaultPoint {
    private static final Path ARMED = System.getProperty("kogata.fault") == null ? null : Path.of(System.getProperty("kogata.fault"));
    /** Exit status of a process that ended here: that of one that was killed. */
    private static final int KILLED = 137;

    private static String seen = "";
    private static int left;

    private FaultPoint() {}

    /** Ends the process here, if that is what this run is for. */
    public static void reach(String name) {
        if (ARMED != null && isMeant(name)) {
            Runtime.getRuntime().halt(KILLED);
        }
    }

    private static synchronized boolean isMeant(String name) {
        String armed;
        try {
            armed = Files.readString(ARMED).strip();
        } catch (IOException notArmed) {
            armed = "";
        }
        String[] parts = armed.split("@");
        if (!armed.equals(seen)) {
            seen = armed;
            left = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
        }
        return !armed.isEmpty() && name.startsWith(parts[0]) && --left == 0;
    }
}

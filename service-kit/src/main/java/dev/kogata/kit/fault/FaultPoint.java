package dev.kogata.kit.fault;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A place where a test may have the process end as a power failure would end it. Off unless the system property
 * {@code kogata.fault} is set, as {@code NAME} or {@code NAME@N} for the N-th time that the place is reached; nothing in a
 * configuration file or the environment turns it on. Thread-safe.
 */
public final class FaultPoint {
    private static final String ARMED = System.getProperty("kogata.fault", "");
    private static final String NAME = ARMED.contains("@") ? ARMED.substring(0, ARMED.indexOf('@')) : ARMED;
    private static final AtomicInteger LEFT = new AtomicInteger(ARMED.contains("@") ? Integer.parseInt(ARMED.substring(ARMED.indexOf('@') + 1)) : 1);
    /** Exit status of a process that ended here: that of one that was killed. */
    private static final int KILLED = 137;

    private FaultPoint() {}

    /** Ends the process here, if that is what this run is for. */
    public static void reach(String name) {
        if (!NAME.isEmpty() && NAME.equals(name) && LEFT.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}

package dev.kogata.kit.error;

import dev.kogata.common.v1.Reason;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * Turns an error that nobody planned into one that may be shown: the details go into the log under an id, the caller
 * gets the id.
 */
public final class Incident {
    private static final Logger LOG = Logger.getLogger(Incident.class);

    private Incident() {}

    /** Logs {@code cause} and returns what the caller may see. An error meant for callers is returned as it is. */
    public static KogataException of(Throwable cause) {
        if (cause instanceof KogataException known) {
            return known;
        }
        String id = String.format(Locale.ROOT, "%012x", ThreadLocalRandom.current().nextLong(1L << 48));
        LOG.errorf(cause, "incident %s", id);
        return new KogataException(Reason.INTERNAL,
                "Something failed inside Kogata. Its log has the details under incident " + id + ".", Map.of("incident", id), cause);
    }
}

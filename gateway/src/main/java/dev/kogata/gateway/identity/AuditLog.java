package dev.kogata.gateway.identity;

import org.jboss.logging.Logger;

/**
 * One line for every change that somebody asked for, whether granted or not: who, what, when (the line's own time), outcome.
 * Category {@code dev.kogata.audit}, to be kept apart from the rest. Stateless.
 */
public final class AuditLog {
    private static final Logger LOG = Logger.getLogger("dev.kogata.audit");

    private AuditLog() {}

    /**
     * Writes a line.
     *
     * @param caller who asked; null where that is not known
     * @param action what was asked for, a REST method and path or a gRPC method
     * @param outcome status of the answer
     * @param reason of a refusal; empty where it was granted
     */
    public static void record(Caller caller, String action, String outcome, String reason) {
        LOG.infof("tenant=%s who=\"%s\" what=\"%s\" outcome=%s%s", caller == null ? "-" : caller.tenant(), caller == null ? "-" : printable(caller.subject()),
            printable(action), outcome, reason.isEmpty() ? "" : " reason=" + reason);
    }

    /** Nobody writes lines of their own into the log by way of a name. */
    private static String printable(String text) {
        String shown = text.length() > 300 ? text.substring(0, 300) + "..." : text;
        return shown.replaceAll("[\\p{C}\"]", "_");
    }
}

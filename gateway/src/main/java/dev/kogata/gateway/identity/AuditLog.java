package dev.kogata.gateway.identity;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * One line for every change that somebody asked for, whether granted or not: who, what, when (the line's own time), outcome.
 * Category {@code dev.kogata.audit}, to be kept apart from the rest. A structured log has the tenant and the job that it is about in fields of their own. Stateless.
 */
public final class AuditLog {
    private static final Logger LOG = Logger.getLogger("dev.kogata.audit");
    private static final Pattern JOB = Pattern.compile("\\bjobs/[A-Za-z0-9_-]{1,64}");

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
        Matcher job = JOB.matcher(action);
        String tenant = caller == null ? "-" : caller.tenant();
        MDC.put("tenant", tenant);
        if (job.find()) {
            MDC.put("job", job.group());
        }
        try {
            LOG.infof("tenant=%s who=\"%s\" what=\"%s\" outcome=%s%s", tenant, caller == null ? "-" : printable(caller.subject()), printable(action), outcome,
                reason.isEmpty() ? "" : " reason=" + reason);
        } finally {
            MDC.remove("tenant");
            MDC.remove("job");
        }
    }

    /** Nobody writes lines of their own into the log by way of a name. */
    private static String printable(String text) {
        String shown = text.length() > 300 ? text.substring(0, 300) + "..." : text;
        return shown.replaceAll("[\\p{C}\"]", "_");
    }
}

package dev.kogata.standalone.client;

import java.util.Map;

/**
 * The gateway refused a request, or could not be reached. The message is the gateway's own sentence.
 *
 * <p>{@link #kind()} says whose fault it was; {@link #reason()} is the stable reason that came with it.
 */
public final class GatewayFailure extends RuntimeException {
    /** Whose fault a failure was. */
    public enum Kind {
        /** The request was refused: another one may be granted. */
        REFUSED,
        /** The gateway cannot be reached, or cannot answer now. */
        UNAVAILABLE
    }

    private final Kind kind;
    private final String reason;
    private final Map<String, String> metadata;

    GatewayFailure(Kind kind, String reason, String message, Map<String, String> metadata) {
        super(message);
        this.kind = kind;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    static GatewayFailure unavailable(String message) {
        return new GatewayFailure(Kind.UNAVAILABLE, "UNAVAILABLE", message, Map.of());
    }

    /** Whose fault it was. */
    public Kind kind() {
        return kind;
    }

    /** A stable name, e.g. {@code BUDGET_UNREACHABLE}. */
    public String reason() {
        return reason;
    }

    /** What the message talks about, by name, e.g. {@code minimum_bytes}. */
    public Map<String, String> metadata() {
        return metadata;
    }
}

package dev.kogata.standalone.mesh;

/**
 * The mesh cannot be started; the message is one sentence for the user.
 *
 * <p>{@link #reason()} is a name of the public error reasons. {@link #refused()} tells a request that cannot be granted
 * (port or home taken) from a process that failed.
 */
public final class MeshFailure extends RuntimeException {
    private final String reason;
    private final boolean refused;

    private MeshFailure(String reason, boolean refused, String message) {
        super(message);
        this.reason = reason;
        this.refused = refused;
    }

    static MeshFailure refused(String reason, String message) {
        return new MeshFailure(reason, true, message);
    }

    static MeshFailure failed(String message) {
        return new MeshFailure("UNAVAILABLE", false, message);
    }

    /** A stable name, e.g. {@code PORT_IN_USE}. */
    public String reason() {
        return reason;
    }

    /** True where the request was at fault, false where a process was. */
    public boolean refused() {
        return refused;
    }
}

package dev.kogata.core;

import java.util.Map;
import java.util.Objects;

/**
 * Input that Kogata refuses: something the caller can mend. The message is one sentence for the caller, naming the
 * offending value and what to do, and never a path of this machine or a class name.
 */
public class RefusedInput extends RuntimeException {
    private final String reason;
    private final transient Map<String, String> metadata;

    /**
     * @param reason stable reason: the name of a value of the contract's enum Reason, e.g. {@code LAYOUT_UNKNOWN}
     * @param message one sentence for the caller
     * @param metadata further facts by name, as the reason's documentation lists them
     */
    public RefusedInput(String reason, String message, Map<String, String> metadata) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.metadata = Map.copyOf(metadata);
    }

    public RefusedInput(String reason, String message) {
        this(reason, message, Map.of());
    }

    public String reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }
}

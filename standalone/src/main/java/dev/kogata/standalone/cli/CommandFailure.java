package dev.kogata.standalone.cli;

import java.util.Map;

/** A command cannot do what it was asked; the message is one sentence for the user. */
final class CommandFailure extends RuntimeException {
    private final int exitCode;
    private final String reason;
    private final Map<String, String> metadata;

    CommandFailure(int exitCode, String reason, String message, Map<String, String> metadata) {
        super(message);
        this.exitCode = exitCode;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    static CommandFailure refused(String reason, String message) {
        return new CommandFailure(ExitCode.REFUSED, reason, message, Map.of());
    }

    static CommandFailure usage(String reason, String message) {
        return new CommandFailure(ExitCode.USAGE, reason, message, Map.of());
    }

    int exitCode() {
        return exitCode;
    }

    String reason() {
        return reason;
    }

    Map<String, String> metadata() {
        return metadata;
    }
}

package dev.kogata.standalone.cli;

import dev.kogata.core.RefusedInput;
import dev.kogata.standalone.client.GatewayFailure;
import dev.kogata.standalone.mesh.Mesh;
import dev.kogata.standalone.mesh.MeshFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns whatever a command throws into one sentence, a stable reason and an exit status. What nobody foresaw goes to a
 * log file under an incident number; the user sees the number.
 */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult arguments) {
        CommandFailure failure = translate(thrown);
        return report(failure, command, isJson(command, arguments.originalArgs()), "");
    }

    @Override
    public int handleParseException(ParameterException thrown, String[] arguments) {
        CommandLine command = thrown.getCommandLine();
        StringBuilder hint = new StringBuilder();
        if (thrown instanceof UnmatchedArgumentException unmatched) {
            var similar = unmatched.getSuggestions();
            if (!similar.isEmpty()) {
                hint.append(" Did you mean ").append(String.join(" or ", similar)).append('?');
            }
        }
        hint.append(" Try ").append(command.getCommandSpec().qualifiedName()).append(" --help.");
        Throwable cause = thrown.getCause();
        CommandFailure failure = cause instanceof CommandFailure || cause instanceof RefusedInput
                ? translate(cause)
                : new CommandFailure(ExitCode.USAGE, "ARGUMENT_INVALID", sentence(thrown.getMessage()), Map.of());
        return report(failure, command, isJson(command, Arrays.asList(arguments)), hint.toString());
    }

    /** Where results would be JSON, a failure is. */
    private static boolean isJson(CommandLine command, List<String> arguments) {
        return arguments.contains("--json")
                || command.getCommandSpec().mixins().values().stream().anyMatch(mixin -> mixin.userObject() instanceof ResourceOutput output && output.isJson());
    }

    static CommandFailure translate(Throwable thrown) {
        if (thrown instanceof CommandFailure own) {
            return own;
        }
        if (thrown instanceof RefusedInput refused) {
            return new CommandFailure(ExitCode.REFUSED, refused.reason(), sentence(refused.getMessage()), refused.metadata());
        }
        if (thrown instanceof GatewayFailure gateway) {
            int exit = switch (gateway.kind()) {
                case REFUSED -> ExitCode.REFUSED;
                case UNAVAILABLE -> ExitCode.UNREACHABLE;
            };
            return new CommandFailure(exit, gateway.reason(), sentence(gateway.getMessage()), gateway.metadata());
        }
        if (thrown instanceof MeshFailure mesh) {
            return new CommandFailure(mesh.refused() ? ExitCode.REFUSED : ExitCode.UNREACHABLE, mesh.reason(),
                    sentence(mesh.getMessage()), Map.of());
        }
        return unforeseen(thrown);
    }

    private static int report(CommandFailure failure, CommandLine command, boolean json, String hint) {
        if (!CleanUp.isUnderWay()) {
            command.getErr().println("kogata: " + failure.getMessage() + hint);
            command.getErr().flush();
            if (json) {
                command.getOut().println(Output.error(failure));
                command.getOut().flush();
            }
        }
        return failure.exitCode();
    }

    private static CommandFailure unforeseen(Throwable thrown) {
        String incident = UUID.randomUUID().toString().substring(0, 8);
        Path log = Mesh.defaultHome().resolve("logs/cli.log");
        String where;
        try {
            Files.createDirectories(log.getParent());
            try (var writer = new PrintWriter(Files.newBufferedWriter(
                    log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
                writer.println(Instant.now() + " incident " + incident);
                thrown.printStackTrace(writer);
            }
            where = "the details are in " + log + " under " + incident;
        } catch (IOException unwritable) {
            where = "and its details could not be written to " + log;
        }
        return new CommandFailure(ExitCode.JOB_FAILED, "INTERNAL", "Something failed inside Kogata; " + where + ".",
                Map.of("incident", incident));
    }

    private static String sentence(String message) {
        String text = message == null || message.isBlank() ? "The command cannot be run" : message.strip();
        return text.matches("(?s).*[.!?]") ? text : text + ".";
    }
}

package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Where a command writes: what was asked for on standard output, everything else on standard error. With {@code --json}
 * standard output carries JSON only, one document a line.
 */
class Output {
    static final ObjectMapper JSON = new ObjectMapper();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--json", description = "Write JSON, and nothing else, to standard output.")
    private boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and end.")
    private boolean help;

    boolean isJson() {
        return json;
    }

    /** A line for people; nothing with {@code --json}. */
    void line(String text) {
        if (!isJson()) {
            out().println(text);
            out().flush();
        }
    }

    /** A document for programs; nothing without {@code --json}. */
    void document(JsonNode document) {
        if (isJson()) {
            out().println(document);
            out().flush();
        }
    }

    /** A remark about what is being done. */
    void note(String text) {
        PrintWriter err = command.commandLine().getErr();
        err.println(text);
        err.flush();
    }

    PrintWriter err() {
        return command.commandLine().getErr();
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    static String error(CommandFailure failure) {
        ObjectNode document = JSON.createObjectNode();
        ObjectNode error = document.putObject("error");
        error.put("reason", failure.reason()).put("message", failure.getMessage()).put("exit_code", failure.exitCode());
        ObjectNode metadata = error.putObject("metadata");
        failure.metadata().forEach(metadata::put);
        return document.toString();
    }
}

package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** A command that was run in this JVM. */
record Ran(int exit, String out, String err) {

    static Ran kogata(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = KogataCommand.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Ran(command.execute(arguments), out.toString(), err.toString());
    }

    /** Standard output as the one JSON document it must be. */
    JsonNode document() {
        try (var parser = Output.JSON.createParser(out)) {
            JsonNode document = parser.readValueAsTree();
            if (parser.nextToken() != null) {
                throw new AssertionError("more than one document: " + out);
            }
            return document;
        } catch (IOException noJson) {
            throw new AssertionError("no JSON: " + out, noJson);
        }
    }
}

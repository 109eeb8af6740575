package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kogata.standalone.PlainWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kogata report}: two reports side by side. */
@Command(
        name = "report",
        description = "Compares the reports of two jobs or of two result folders: memory, latency, accuracy, cost.",
        footer = {
            "",
            "Each of the two is a folder with a report.json, or the id of a job that has succeeded.",
            "",
            "Examples:",
            "  kogata report --compare smaller-60 smaller-45",
            "  kogata report --compare 0f3a 77c1 --html comparison.html",
            "  kogata report --compare smaller-60 0f3a --json",
        })
final class ReportCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Mixin
    private ServerOptions server;

    @Option(names = "--compare", paramLabel = "RESULT", arity = "2", required = true, description = "The two results: folders or jobs.")
    private List<String> compared;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the comparison as a page too, which works offline.")
    private Path page;

    @Override
    public Integer call() {
        Comparison comparison = new Comparison(compared.get(0), report(compared.get(0)), compared.get(1), report(compared.get(1)));
        output.document(comparison.document());
        comparison.lines().forEach(output::line);
        if (page != null) {
            try {
                Files.writeString(page, ComparisonPage.of(comparison));
                output.line("Page: " + page);
            } catch (IOException unwritable) {
                throw CommandFailure.refused(PlainWords.reason(unwritable), "The page " + page + " cannot be written: " + PlainWords.of(unwritable) + ".");
            }
        }
        return ExitCode.DONE;
    }

    private JsonNode report(String named) {
        Path folder = Path.of(named);
        if (!Files.isDirectory(folder)) {
            return server.existing().report(named.startsWith("jobs/") ? named : "jobs/" + named);
        }
        try {
            JsonNode report = Output.JSON.readTree(folder.resolve("report.json").toFile());
            if (report.path("heldout").path("delivered").isObject()) {
                return report;
            }
        } catch (IOException unreadable) {
            throw CommandFailure.refused("NOT_FOUND", "The folder " + named + " holds no readable report.json: " + PlainWords.of(unreadable) + ".");
        }
        throw CommandFailure.refused("ARGUMENT_INVALID", "The report.json in " + named + " is no report of Kogata.");
    }
}

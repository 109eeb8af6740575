package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class SummaryTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeResult() throws Exception {
        Files.writeString(folder.resolve("plan.json"),
                "{\"budget_bytes\":450,\"bytes\":449,\"dense_bytes\":1000,\"workload\":{\"batch\":1,\"context\":1024}}");
        Files.writeString(folder.resolve("report.json"), """
                {"memory":{"dense":{"peak_resident_bytes":200000000,"cache_bytes":4000},"delivered":{"peak_resident_bytes":210000000,"cache_bytes":1000}},
                 "latency":{"dense":{"prefill_seconds":0.01,"decode_seconds_per_token":0.002},"delivered":{"prefill_seconds":0.02,"decode_seconds_per_token":0.003}},
                 "heldout":{"dense":{"kl":0,"exact":0.768},"delivered":{"kl":0.0131,"exact":0.741},"uniform":{"kl":0.1,"exact":0.5}}}""");
    }

    @Test
    void showsTheThreeNumbersDenseAgainstCompressed() {
        String table = run();
        assertThat(table.lines().map(line -> line.replaceAll(" {2,}", " | "))).contains(
                "memory, peak | 200 MB | 210 MB",
                "memory, cache | 4.00 kB | 1.00 kB",
                "latency, per token | 2.00 ms | 3.00 ms",
                "accuracy, exact answers | 76.8 % | 74.1 %",
                "accuracy, KL divergence | 0 | 0.0131");
        assertThat(table).contains("Budget 450 bytes, met with 449: 44.9 %", folder.resolve("report.html").toString());
    }

    @Test
    void withJsonItIsOneDocument() {
        assertThat(run("--json").lines()).singleElement().asString()
                .contains("\"budget_bytes\":450", "\"peak_resident_bytes\":210000000", "\"exact\":0.741")
                .doesNotContain("uniform");
    }

    private String run(String... arguments) {
        StringWriter out = new StringWriter();
        new CommandLine(new Show(new Summary(folder))).setOut(new PrintWriter(out, true)).execute(arguments);
        return out.toString();
    }

    @Command
    private static final class Show implements Runnable {
        private final Summary summary;

        @Mixin
        private Output output;

        Show(Summary summary) {
            this.summary = summary;
        }

        @Override
        public void run() {
            summary.print(output, "jobs/1");
        }
    }
}

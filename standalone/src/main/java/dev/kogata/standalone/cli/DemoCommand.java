package dev.kogata.standalone.cli;

import dev.kogata.standalone.mesh.Installation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kogata demo}. */
@Command(
        name = "demo",
        description = "Compresses the packaged shapes-llava to 45 %% of its bytes, everything embedded.",
        footer = {"", "The result lies in ./kogata-demo; a second run replaces it.", "", "Example:", "  kogata demo"})
final class DemoCommand implements Callable<Integer> {
    private static final double BUDGET = 0.45;
    /** As many as leave the whole demo well under five minutes on two cores. */
    private static final int TRIALS = 60;

    @Mixin
    private Output output;

    @Mixin
    private ServerOptions server;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "kogata-demo", description = "Folder for the result (default ${DEFAULT-VALUE}).")
    private Path out;

    @Override
    public Integer call() throws InterruptedException {
        Path demo = Installation.current().demo();
        new Compression(output, server, CompressOptions.demo(BUDGET, TRIALS))
                .run(demo.resolve("shapes-llava"), Optional.of(demo.resolve("data/calibration.jsonl")),
                        Optional.of(demo.resolve("data/heldout.jsonl")), out);
        return ExitCode.DONE;
    }
}

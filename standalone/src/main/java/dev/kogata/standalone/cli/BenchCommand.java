package dev.kogata.standalone.cli;

import dev.kogata.standalone.mesh.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata bench}: starts the measuring program in a process of its own, as the services' class path must not know it. */
@Command(
        name = "bench",
        description = "Measures the algorithms on this machine, in pairs whose answers are checked; a few minutes each.",
        footer = {"", "Examples:", "  kogata bench", "  kogata bench mask", "  kogata bench sparsegpt --threads 2 --json"})
final class BenchCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "mask, levels, cache, tpe, sparsegpt or projection (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Threads of every operation (default ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "3", description = "How often the variants of a pair take turns (default ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-cp", Installation.current().bench().resolve("*").toString(), "dev.kogata.bench.BenchMain",
                "--threads", Integer.toString(threads), "--rounds", Integer.toString(rounds)));
        command.addAll(names);
        if (output.isJson()) {
            command.add("--json");
        }
        try (CleanUp cleanUp = new CleanUp()) {
            Process measuring = new ProcessBuilder(command).inheritIO().start();
            cleanUp.add(() -> {
                measuring.descendants().forEach(ProcessHandle::destroy);
                measuring.destroy();
            });
            return measuring.waitFor();
        }
    }
}

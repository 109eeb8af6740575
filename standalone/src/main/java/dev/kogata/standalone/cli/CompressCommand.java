package dev.kogata.standalone.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kogata compress}. */
@Command(
        name = "compress",
        description = "Compresses a model to a byte budget: prunes weights and quantizes the key and value caches, layer by layer.",
        footer = {
            "",
            "Uses the mesh at --server or KOGATA_SERVER, else the one that runs on the home folder, else starts its own.",
            "",
            "Examples:",
            "  kogata compress my-model --budget 60%% --data calibration.jsonl --out smaller",
            "  kogata compress my-model --budget 120MB --context 4096 --data calibration.jsonl --heldout heldout.jsonl --out smaller",
            "  kogata compress my-model --weights-budget 50%% --cache-budget 25%% --data calibration.jsonl --out smaller --json",
        })
final class CompressCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Mixin
    private ServerOptions server;

    @Mixin
    private CompressOptions options;

    @Parameters(paramLabel = "BUNDLE", description = "Folder of the model: ONNX files, tokenizer, preprocessor, config.")
    private Path bundle;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder for the result; an earlier result there is replaced.")
    private Path out;

    @Option(names = "--data", paramLabel = "FILE", description = "Calibration conversations: JSON lines, pictures by relative path.")
    private Path data;

    @Option(names = "--heldout", paramLabel = "FILE", description = "Held-out conversations for the report (default: a part of --data).")
    private Path heldout;

    @Override
    public Integer call() throws InterruptedException {
        new Compression(output, server, options).run(bundle, Optional.ofNullable(data), Optional.ofNullable(heldout), out);
        return ExitCode.DONE;
    }
}

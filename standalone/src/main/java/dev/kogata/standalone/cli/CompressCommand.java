package dev.kogata.standalone.cli;

import dev.kogata.core.budget.ByteBudget;
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
            "Interrupted, the job goes on, and the same command goes on with it: with the bytes that were sent, and with the job.",
            "Uses the mesh at --server or KOGATA_SERVER, else the one that runs on the home folder, else starts its own.",
            "",
            "Examples:",
            "  kogata compress my-model --budget 60%% --data calibration.jsonl --out smaller",
            "  kogata compress my-model --budget 120MB --context 4096 --data calibration.jsonl --heldout heldout.jsonl --out smaller",
            "  kogata compress my-model --weights-budget 50%% --cache-budget 25%% --data calibration.jsonl --out smaller --json",
            "  kogata compress models/0f3a --budget 40%% --data datasets/7b21 --out smallest",
            "  kogata compress my-model --budget 60%% --estimate",
        })
final class CompressCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Mixin
    private ServerOptions server;

    @Mixin
    private CompressOptions options;

    @Parameters(paramLabel = "BUNDLE", description = "Folder of the model: ONNX files, tokenizer, preprocessor, config; or the name of one that the gateway has, models/ID.")
    private Path bundle;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the result; an earlier result there is replaced.")
    private Path out;

    @Option(names = "--data", paramLabel = "FILE", description = "Calibration conversations: JSON lines, pictures by relative path; or datasets/ID (default: samples drawn from the model itself).")
    private Path data;

    @Option(names = "--heldout", paramLabel = "FILE", description = "Held-out conversations for the report; or datasets/ID (default: a part of the calibration data).")
    private Path heldout;

    @Option(names = "--estimate", description = "Only say what it would cost: bytes that can be reached, memory, and time where it was measured.")
    private boolean estimate;

    @Override
    public Integer call() throws InterruptedException {
        if (estimate) {
            ByteBudget budget = options.budget().orElseThrow(() -> CommandFailure.usage("BUDGET_INVALID", "An estimate needs a budget: give --budget."));
            Optional<String> stored = Given.stored(bundle, "models");
            if (stored.isPresent()) {
                new Estimate(output, options).show(stored.get(), server.existing());
                return ExitCode.DONE;
            }
            LocalModel model = LocalModel.open(bundle, options.included());
            model.requireReachable(budget, options.workload(), options.format());
            new Estimate(output, options).show(model, budget, server.existingIfAny());
            return ExitCode.DONE;
        }
        if (out == null) {
            throw CommandFailure.usage("ARGUMENT_INVALID", "The folder for the result is missing: give --out DIR.");
        }
        new Compression(output, server, options).run(bundle, Optional.ofNullable(data), Optional.ofNullable(heldout), out);
        return ExitCode.DONE;
    }
}

package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.onnx.sparse.Recount;
import dev.kogata.onnx.sparse.ResultVerification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kogata verify}. */
@Command(
        name = "verify",
        description = "Recounts zeros, bits, bytes and hashes of a result from its files alone; succeeds only if every claim of plan.json holds.",
        footer = {"", "Examples:", "  kogata verify smaller", "  kogata verify smaller --json"})
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(paramLabel = "DIR", description = "Folder of the result, with plan.json, bundle and sparse.")
    private Path folder;

    @Override
    public Integer call() {
        if (!Files.isDirectory(folder)) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "There is no folder " + folder + ": name the folder of a result.");
        }
        Recount recount = ResultVerification.verify(folder);
        boolean holds = recount.holds();
        ObjectNode document = Output.JSON.createObjectNode().put("verified", holds).put("bytes", recount.bytes())
                .put("weight_bytes", recount.weightBytes()).put("cache_bytes", recount.cacheBytes())
                .put("untouched_bytes", recount.untouchedBytes()).put("zeros", recount.zeros()).put("files", recount.files());
        recount.wrong().forEach(document.putArray("wrong")::add);
        output.document(document);
        if (!holds) {
            recount.wrong().forEach(wrong -> output.note("kogata: " + wrong));
            return ExitCode.REFUSED;
        }
        output.line(String.format(Locale.ROOT, "Every claim of plan.json holds: %,d bytes (weights %,d, left alone %,d, cache %,d), %,d zeros, %d files.",
                recount.bytes(), recount.weightBytes(), recount.untouchedBytes(), recount.cacheBytes(), recount.zeros(), recount.files()));
        return ExitCode.DONE;
    }
}

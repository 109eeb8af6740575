package dev.kogata.standalone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kogata.onnx.sparse.Expansion;
import dev.kogata.standalone.PlainWords;
import dev.kogata.standalone.mesh.TemporaryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kogata expand}. */
@Command(
        name = "expand",
        description = "Makes the dense bundle of a sparse one, bit for bit the bundle that was delivered with it.",
        footer = {"", "Example:", "  kogata expand smaller/sparse bundle"})
final class ExpandCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    @Parameters(index = "0", paramLabel = "SPARSE", description = "Folder sparse of a result.")
    private Path sparse;

    @Parameters(index = "1", paramLabel = "OUT", description = "Folder for the bundle; empty, or not there yet.")
    private Path out;

    @Override
    public Integer call() {
        Path target = out.toAbsolutePath().normalize();
        requireEmpty(target);
        Path gathering = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + ".part");
        try (CleanUp cleanUp = new CleanUp()) {
            cleanUp.add(() -> discard(gathering));
            Expansion.expand(sparse, gathering);
            Files.deleteIfExists(target);
            Files.move(gathering, target);
        } catch (IOException failed) {
            throw CommandFailure.refused("VERIFICATION_FAILED", sparse + " cannot be expanded: " + PlainWords.of(failed) + ".");
        }
        ObjectNode document = Output.JSON.createObjectNode().put("directory", target.toString());
        output.document(document);
        output.line("The bundle is in " + target + ".");
        return ExitCode.DONE;
    }

    private void requireEmpty(Path target) {
        if (!Files.isDirectory(sparse)) {
            throw CommandFailure.refused("ARGUMENT_INVALID", "There is no folder " + sparse + ": name the folder sparse of a result.");
        }
        if (target.getFileName() == null || Files.exists(target) && !isEmptyFolder(target)) {
            throw CommandFailure.refused("ARGUMENT_INVALID", out + " is not an empty folder: name another one.");
        }
    }

    private static boolean isEmptyFolder(Path target) {
        try (Stream<Path> files = Files.list(target)) {
            return files.findAny().isEmpty();
        } catch (IOException noFolder) {
            return false;
        }
    }

    private static void discard(Path gathering) {
        try {
            TemporaryFiles.delete(gathering);
        } catch (IOException kept) {
            // A hidden folder with a telling name stays; nothing depends on it.
        }
    }
}

package dev.kogata.profiler;

import dev.kogata.common.v1.Artifact;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.core.RefusedInput;
import dev.kogata.kit.artifact.Manifests;
import dev.kogata.kit.artifact.StorageError;
import dev.kogata.kit.error.KogataException;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.prompt.PromptEncoder;
import dev.kogata.onnx.sample.PictureSamples;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Scans of uploads in bounded time and memory, in Java alone: nothing of a model is run. What a scan refuses comes out as a
 * {@link KogataException} with the scan's reason. Thread-safe.
 */
final class Inspector {
    private final Manifests manifests;
    private final Path folder;

    /** @param folder where uploads are laid out while they are read */
    Inspector(Manifests manifests, Path folder) {
        this.manifests = manifests;
        this.folder = folder;
    }

    Inspection model(Artifact manifest) {
        return read(manifest, path -> {
            Bundle bundle = Bundle.open(path);
            if (bundle.decoder().isPresent()) {
                // Prompts are needed by every job: refuse a bundle without tokenizer or template before it has any.
                PromptEncoder.open(path).close();
            } else {
                // The same of an encoder alone, whose calibration data are pictures.
                PictureSamples.open(bundle);
            }
            return ProfilerMessages.inspection(bundle);
        });
    }

    DatasetInspection dataset(Artifact manifest) {
        return read(manifest, path -> ProfilerMessages.inspection(Dataset.read(path, DatasetLimits.DEFAULT)));
    }

    private interface Reading<A> {
        A of(Path folder) throws IOException;
    }

    private <A> A read(Artifact manifest, Reading<A> reading) {
        try {
            Files.createDirectories(folder);
            Path own = Files.createTempDirectory(folder, "inspect-");
            try {
                manifests.materialise(manifest, own);
                return reading.of(own);
            } finally {
                delete(own);
            }
        } catch (RefusedInput e) {
            throw new KogataException(Reason.valueOf(e.reason()), e.getMessage(), e.metadata(), e);
        } catch (IOException e) {
            throw StorageError.of(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException error) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}

package dev.kogata.onnx;

import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.Component;
import dev.kogata.onnx.bundle.ModelFile;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.DatasetLimits;
import dev.kogata.onnx.sample.PictureSamples;
import dev.kogata.onnx.sample.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A bundle that is the vision encoder alone of one of the small models, as its exporter wrote it; and pictures for it. */
public final class EncoderBundle {
    private static final Path MODELS = Path.of("src/test/resources/models");

    private EncoderBundle() {}

    /** Copies the encoder's files, and the preprocessor's configuration, into a folder. */
    public static Bundle of(String model, Path folder) throws IOException {
        Bundle whole = Bundle.open(MODELS.resolve(model));
        ModelFile encoder = whole.model(Component.Kind.VISION_ENCODER).orElseThrow();
        for (String file : whole.files()) {
            if (file.startsWith(encoder.name()) || file.equals("preprocessor_config.json")) {
                Files.createDirectories(folder.resolve(file).getParent());
                Files.copy(whole.root().resolve(file), folder.resolve(file));
            }
        }
        return Bundle.open(folder);
    }

    /** The first different pictures of the demo's calibration data. */
    public static List<Sample> pictures(Bundle bundle, int count) throws IOException {
        Dataset pictures = Dataset.read(DemoFolder.DATA, DemoFolder.CALIBRATION, DatasetLimits.DEFAULT).byPicture().first(count);
        PictureSamples maker = PictureSamples.open(bundle);
        List<Sample> samples = new ArrayList<>();
        for (Conversation picture : pictures.conversations()) {
            samples.add(maker.make(pictures, picture));
        }
        return samples;
    }
}

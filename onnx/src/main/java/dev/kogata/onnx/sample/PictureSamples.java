package dev.kogata.onnx.sample;

import dev.kogata.core.RefusedInput;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.dataset.Conversation;
import dev.kogata.onnx.dataset.Dataset;
import dev.kogata.onnx.dataset.Part;
import dev.kogata.onnx.prompt.ImagePreprocessor;
import java.io.IOException;

/** Prepares pictures for a bundle that is a vision encoder alone: one sample a picture, nothing of the bundle is run. Immutable. */
public final class PictureSamples {
    private final ImagePreprocessor images;

    private PictureSamples(ImagePreprocessor images) {
        this.images = images;
    }

    /** @throws RefusedInput PREPROCESSOR_UNSUPPORTED */
    public static PictureSamples open(Bundle bundle) throws IOException {
        return new PictureSamples(ImagePreprocessor.open(bundle.root()));
    }

    /**
     * Prepares one picture.
     *
     * @param picture of {@link Dataset#byPicture}
     */
    public Sample make(Dataset dataset, Conversation picture) throws IOException {
        Part.Picture only = picture.pictures().get(0);
        return Sample.ofPicture(picture.id(), images.pixels(dataset.picture(picture, only)), only);
    }
}

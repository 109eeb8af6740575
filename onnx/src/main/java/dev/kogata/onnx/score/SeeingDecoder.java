package dev.kogata.onnx.score;

import dev.kogata.onnx.sample.Sample;
import java.util.List;

/**
 * A decoder that is shown pictures by an encoder which is compressed with it: samples' features are made anew with every batch. Samples without
 * pictures pass as they are. Safe for use by several threads where both are.
 */
public final class SeeingDecoder implements LogitsSource {
    private final LogitsSource decoder;
    private final FeatureSource encoder;

    /** @param encoder gives rows of the decoder's width, projected where the bundle projects */
    public SeeingDecoder(LogitsSource decoder, FeatureSource encoder) {
        this.decoder = decoder;
        this.encoder = encoder;
    }

    @Override
    public int vocabulary() {
        return decoder.vocabulary();
    }

    @Override
    public List<float[]> answerLogits(List<Sample> batch) {
        return decoder.answerLogits(batch.stream().map(sample -> sample.seenBy(encoder)).toList());
    }
}

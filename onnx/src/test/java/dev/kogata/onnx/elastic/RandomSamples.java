package dev.kogata.onnx.elastic;

import dev.kogata.onnx.sample.Sample;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Samples of random embeddings, for models of random weights. */
public final class RandomSamples {

    private RandomSamples() {}

    /** Samples of the given numbers of tokens, every second position an answer's. */
    public static List<Sample> of(long seed, int hidden, int... lengths) {
        Random random = new Random(seed);
        List<Sample> samples = new ArrayList<>();
        for (int length : lengths) {
            float[] embeddings = new float[length * hidden];
            for (int i = 0; i < embeddings.length; i++) {
                embeddings[i] = (float) random.nextGaussian();
            }
            int[] positions = IntStream.range(0, length - 1).filter(p -> p % 2 == 0).toArray();
            samples.add(new Sample("s" + samples.size(), new long[length], FloatBuffer.wrap(embeddings), hidden, positions,
                    new int[positions.length], new int[positions.length], List.of("test"), List.of("?"), List.of("!"), false));
        }
        return samples;
    }
}

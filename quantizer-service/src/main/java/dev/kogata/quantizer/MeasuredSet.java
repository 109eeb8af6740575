package dev.kogata.quantizer;

import dev.kogata.common.v1.SampleSet;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.Batching;
import dev.kogata.onnx.score.ReferenceFile;
import dev.kogata.onnx.score.Scorer;
import java.io.IOException;
import java.util.List;

/**
 * Samples and the dense model's answers on them.
 *
 * @param reference of the samples, by their index
 */
record MeasuredSet(List<Sample> samples, ReferenceFile reference) {

    static MeasuredSet open(TaskContext context, SampleSet set) throws IOException {
        List<Sample> samples = SampleSetFile.read(context.file(set.getSamples(), "samples.safetensors"));
        return new MeasuredSet(samples, ReferenceFile.open(context.file(set.getReference(), "reference.safetensors"), samples));
    }

    /** Measures on the first conversations of the set, which a hash has put in order. */
    Scorer scorer(int most, int threads) {
        return new Scorer(samples.subList(0, Math.min(most, samples.size())), reference, Batching.DEFAULT, threads);
    }
}

package dev.kogata.evaluator;

import dev.kogata.common.v1.SampleSet;
import dev.kogata.kit.worker.TaskContext;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.sample.SampleSetFile;
import dev.kogata.onnx.score.FeatureFile;
import dev.kogata.onnx.score.Reference;
import dev.kogata.onnx.score.ReferenceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The sample sets used last, mapped: mappings outlive the task whose folder the files were in. Thread-safe. */
final class SampleSets {
    /** Search, selection and held-out set of one job. */
    private static final int KEPT = 3;

    /** Samples and what the dense model gives on them. */
    record Prepared(List<Sample> samples, Reference reference) {

        /** At most this many of them, evenly spread over the set; all for 0. */
        Prepared spread(int most) {
            if (most <= 0 || most >= samples.size()) {
                return this;
            }
            int[] chosen = IntStream.range(0, most).map(i -> (int) ((long) i * samples.size() / most)).toArray();
            return new Prepared(Arrays.stream(chosen).mapToObj(samples::get).toList(), sample -> reference.of(chosen[sample]));
        }
    }

    private final Map<String, Prepared> prepared = new LinkedHashMap<>(8, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Prepared> eldest) {
            return size() > KEPT;
        }
    };

    synchronized Prepared get(SampleSet set, TaskContext context) throws IOException {
        String key = set.getSamples().getSha256() + set.getReference().getSha256();
        Prepared known = prepared.get(key);
        if (known == null) {
            List<Sample> samples = SampleSetFile.read(context.file(set.getSamples(), "samples.safetensors"));
            Path reference = context.file(set.getReference(), "reference.safetensors");
            known = new Prepared(samples, set.getPictures() > 0 ? FeatureFile.open(reference) : ReferenceFile.open(reference, samples));
            prepared.put(key, known);
        }
        return known;
    }
}

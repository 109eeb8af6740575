package dev.kogata.onnx.elastic;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.DecoderInputs;
import dev.kogata.onnx.score.LogitsSource;
import dev.kogata.onnx.score.PaddedBatch;
import dev.kogata.onnx.score.ModelRuns;
import dev.kogata.onnx.score.Sessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * One ONNX Runtime session on an elastic graph. A trial is a plan given with {@link #with}: it costs a few bytes of input,
 * no reload. Safe for use by several threads; to be closed when no pass is running.
 */
public final class ElasticSession implements AutoCloseable {
    private final ElasticModel model;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final DecoderInputs inputs;

    private ElasticSession(ElasticModel model, OrtEnvironment environment, OrtSession session, DecoderInputs inputs) {
        this.model = model;
        this.environment = environment;
        this.session = session;
        this.inputs = inputs;
    }

    /** @param threads threads that one pass may use, at least 1 */
    public static ElasticSession open(ElasticModel model, int threads) throws OrtException {
        OrtEnvironment environment = Sessions.environment();
        OrtSession session = Sessions.open(model.file(), threads);
        return new ElasticSession(model, environment, session, DecoderInputs.of(environment, session, model.headSize()));
    }

    /**
     * The decoder under a plan. The first {@code rowsAtNextStep} output rows of a weight take {@code step + 1}, the others
     * {@code step}. With a level map an element lives where its level is above its row's step: level 255 always lives, and step 0
     * with levels from 1 up is dense. In a bank a step is a version, and the row is that version's. Cache bits are those of the delivered graph, 0 leaves a side as it is.
     *
     * @param plan weights and caches in the order of the bundle's
     */
    public LogitsSource with(ElasticPlan plan) {
        return with(plan, Set.of());
    }

    /**
     * The same, with the caches of some layers in the native format: their keys and values as wide as the plan says, which must
     * be one of the widths that the graph was given scales for.
     *
     * @param nativeLayers numbers of these layers
     */
    public LogitsSource with(ElasticPlan plan, Set<Integer> nativeLayers) {
        long[] versions = versions(plan, nativeLayers);
        return planned(withoutNative(plan, nativeLayers), versions, versions);
    }

    private long[] versions(ElasticPlan plan, Set<Integer> nativeLayers) {
        long[] versions = new long[model.cacheLayers().size()];
        for (int i = 0; i < versions.length; i++) {
            int layer = model.cacheLayers().get(i).layer();
            versions[i] = nativeLayers.contains(layer) ? version(layer, plan.keyBits().get(i), plan.valueBits().get(i)) : 0;
        }
        return versions;
    }

    /** The plan as portable widths see it. */
    private ElasticPlan withoutNative(ElasticPlan plan, Set<Integer> nativeLayers) {
        List<Integer> keyBits = new ArrayList<>(plan.keyBits()), valueBits = new ArrayList<>(plan.valueBits());
        for (int i = 0; i < keyBits.size(); i++) {
            if (nativeLayers.contains(model.cacheLayers().get(i).layer())) {
                keyBits.set(i, 0);
                valueBits.set(i, 0);
            }
        }
        return new ElasticPlan(plan.weights(), keyBits, valueBits);
    }

    /**
     * The same, keys and values apart and each in a given version of its scales.
     *
     * @param keyVersions by cache layer, counted from 1; 0 for none
     */
    LogitsSource planned(ElasticPlan plan, long[] keyVersions, long[] valueVersions) {
        if (!model.answers()) {
            throw new IllegalStateException("this elastic graph was written without answer logits");
        }
        return new PlannedDecoder(WeightChoice.of(model, plan), largestCodes(plan.keyBits()), largestCodes(plan.valueBits()), keyVersions, valueVersions);
    }

    private long version(int layer, int keyBits, int valueBits) {
        List<NativeScales> scales = model.natives().getOrDefault(layer, List.of());
        for (int v = 0; v < scales.size(); v++) {
            if (scales.get(v).bits() == keyBits && keyBits == valueBits) {
                return v + 1;
            }
        }
        throw new IllegalArgumentException("a native cache of %d and %d bits for layer %d, which has scales of %s"
                .formatted(keyBits, valueBits, layer, scales.stream().map(NativeScales::bits).toList()));
    }

    /** Sums and maxima that calibration reads, of one batch: output name to values. All weights as the graph has them. */
    Map<String, float[]> measure(List<Sample> batch, List<Integer> keyBits, List<Integer> valueBits, Set<Integer> nativeLayers) throws OrtException {
        return measure(batch, keyBits, valueBits, nativeLayers, tokens -> false, new long[0]);
    }

    /**
     * The same in a graph with cache statistics.
     *
     * @param isImage whether a token id stands for a row of a picture's features
     * @param sampled which of the batch * longest tokens are given out as they are
     */
    Map<String, float[]> measure(List<Sample> batch, List<Integer> keyBits, List<Integer> valueBits, Set<Integer> nativeLayers, LongPredicate isImage, long[] sampled) throws OrtException {
        PaddedBatch padded = PaddedBatch.of(batch);
        Map<String, float[]> measured = new HashMap<>();
        Set<String> names = session.getOutputNames();
        ElasticPlan dense = new ElasticPlan(model.weights().stream().map(w -> WeightStep.DENSE).toList(), keyBits, valueBits);
        ElasticPlan portable = withoutNative(dense, nativeLayers);
        long[] versions = versions(dense, nativeLayers);
        PlannedDecoder decoder = new PlannedDecoder(WeightChoice.of(model, dense), largestCodes(portable.keyBits()), largestCodes(portable.valueBits()), versions, versions);
        try (Feed feed = decoder.feed(padded, new long[0])) {
            if (session.getInputNames().contains(ElasticModel.IMAGE_TOKENS)) {
                feed.put(ElasticModel.IMAGE_TOKENS, OnnxTensor.createTensor(environment, images(padded, isImage)));
                feed.put(ElasticModel.SAMPLED_TOKENS, OnnxTensor.createTensor(environment, sampled));
            }
            OrtSession.Result result = ModelRuns.run(session, feed.tensors(), names);
            for (String name : names) {
                FloatBuffer values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
                float[] copy = new float[values.remaining()];
                values.get(copy);
                measured.put(name, copy);
            }
            result.close();
        }
        return measured;
    }

    private static float[][] images(PaddedBatch batch, LongPredicate isImage) {
        float[][] images = new float[batch.size()][batch.length()];
        for (int b = 0; b < batch.size(); b++) {
            for (int t = 0; t < batch.length(); t++) {
                images[b][t] = isImage.test(batch.tokens().get(b * batch.length() + t)) ? 1 : 0;
            }
        }
        return images;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }

    private float[] largestCodes(List<Integer> bits) {
        if (bits.size() != model.cacheLayers().size()) {
            throw new IllegalArgumentException("a plan for %d caches, the model has %d".formatted(bits.size(), model.cacheLayers().size()));
        }
        float[] codes = new float[bits.size()];
        for (int i = 0; i < codes.length; i++) {
            CacheLayer layer = model.cacheLayers().get(i);
            if (!layer.widths().contains(bits.get(i)) || bits.get(i) > 0 && !model.elasticCaches()) {
                throw new IllegalArgumentException("%d bits for the cache of layer %d, which offers %s".formatted(bits.get(i), layer.layer(), layer.widths()));
            }
            codes[i] = (1 << bits.get(i)) - 1;
        }
        return codes;
    }

    /** The decoder with everything of a plan brought into the form of inputs. */
    private final class PlannedDecoder implements LogitsSource {
        private final WeightChoice choice;
        private final float[] keyCodes;
        private final float[] valueCodes;
        private final long[] keyVersions;
        private final long[] valueVersions;

        PlannedDecoder(WeightChoice choice, float[] keyCodes, float[] valueCodes, long[] keyVersions, long[] valueVersions) {
            this.choice = choice;
            this.keyCodes = keyCodes;
            this.valueCodes = valueCodes;
            this.keyVersions = keyVersions;
            this.valueVersions = valueVersions;
        }

        @Override
        public int vocabulary() {
            return model.vocabulary();
        }

        @Override
        public List<float[]> answerLogits(List<Sample> batch) {
            PaddedBatch padded = PaddedBatch.of(batch);
            long[] positions = new long[batch.stream().mapToInt(s -> s.answerPositions().length).sum()];
            int count = 0;
            for (int b = 0; b < batch.size(); b++) {
                for (int position : batch.get(b).answerPositions()) {
                    positions[count++] = (long) b * padded.length() + position;
                }
            }
            try (Feed feed = feed(padded, positions); OrtSession.Result result = ModelRuns.run(session, feed.tensors(), Set.of(ElasticModel.ANSWER_LOGITS))) {
                FloatBuffer logits = ((OnnxTensor) result.get(0)).getFloatBuffer();
                List<float[]> answers = new ArrayList<>();
                for (Sample sample : batch) {
                    float[] own = new float[sample.answerPositions().length * vocabulary()];
                    logits.get(own);
                    answers.add(own);
                }
                return answers;
            } catch (OrtException e) {
                throw new IllegalStateException("the elastic decoder failed on %d samples: %s".formatted(batch.size(), e.getMessage()), e);
            }
        }

        Feed feed(PaddedBatch batch, long[] positions) throws OrtException {
            Feed feed = new Feed(inputs.prefill(batch));
            Set<String> names = session.getInputNames();
            if (names.contains(choice.input())) {
                feed.put(choice.input(), choice.tensor(environment));
            }
            if (names.contains(ElasticModel.KEY_CODES)) {
                feed.put(ElasticModel.KEY_CODES, OnnxTensor.createTensor(environment, keyCodes));
                feed.put(ElasticModel.VALUE_CODES, OnnxTensor.createTensor(environment, valueCodes));
            }
            if (names.contains(ElasticModel.NATIVE_KEYS)) {
                feed.put(ElasticModel.NATIVE_KEYS, OnnxTensor.createTensor(environment, keyVersions));
                feed.put(ElasticModel.NATIVE_VALUES, OnnxTensor.createTensor(environment, valueVersions));
            }
            if (names.contains(ElasticModel.POSITIONS)) {
                LongBuffer buffer = direct(Long.BYTES * positions.length).asLongBuffer().put(positions).flip();
                feed.put(ElasticModel.POSITIONS, OnnxTensor.createTensor(environment, buffer, new long[] {positions.length}));
            }
            return feed;
        }

        private ByteBuffer direct(int bytes) {
            return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        }
    }

    /** The inputs of one pass; closing it closes them. */
    private record Feed(Map<String, OnnxTensor> tensors) implements AutoCloseable {
        void put(String name, OnnxTensor tensor) {
            tensors.put(name, tensor);
        }

        @Override
        public void close() {
            tensors.values().forEach(OnnxTensor::close);
        }
    }
}

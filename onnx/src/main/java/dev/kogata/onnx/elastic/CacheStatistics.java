package dev.kogata.onnx.elastic;

import ai.onnxruntime.OrtException;
import dev.kogata.core.cache.StaticScale;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.elastic.ElasticModel.Statistics;
import dev.kogata.onnx.graph.RotaryPairs;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * How large keys (after rotary embedding) and values get, by layer, head and channel, text and image tokens apart: exact maxima
 * over all tokens, and a random sample of tokens as they are. Measured in an elastic graph written with
 * {@link ElasticGraph#cacheStatistics}. Not thread-safe.
 */
public final class CacheStatistics {
    /** Values kept of the sample: 128 MiB. */
    private static final long MOST_VALUES = 32L << 20;
    private static final int MOST_TOKENS = 4096;

    private final ElasticModel model;
    private final ElasticSession session;
    private final LongPredicate isImage;
    private final SplittableRandom random;
    private final Map<String, float[]> maxima = new HashMap<>();
    private final Map<String, List<float[]>> rows = new HashMap<>();
    private int longest;

    /**
     * Starts with no sample. The session stays the caller's.
     *
     * @param isImage whether a token id stands for a row of a picture's features
     */
    public CacheStatistics(ElasticModel model, ElasticSession session, LongPredicate isImage, SplittableRandom random) {
        this.model = model;
        this.session = session;
        this.isImage = isImage;
        this.random = random;
    }

    /**
     * Runs all samples, once.
     *
     * @param done told the number of samples done, after each batch; whatever it throws ends the work
     */
    public void addAll(List<Sample> samples, Batching batching, IntConsumer done) throws OrtException {
        long channels = 2 * model.cacheLayers().stream().filter(l -> model.statistics().containsKey(l.layer())).mapToLong(l -> (long) l.kvHeads() * l.headSize()).sum();
        long tokens = samples.stream().mapToLong(Sample::length).sum();
        double share = Math.min(1.0, Math.min(MOST_TOKENS, Math.max(1, MOST_VALUES / Math.max(1, channels))) / (double) Math.max(1, tokens));
        List<Integer> asIs = Collections.nCopies(model.cacheLayers().size(), 0);
        int count = 0;
        for (int[] indices : batching.batches(samples)) {
            List<Sample> batch = Arrays.stream(indices).mapToObj(samples::get).toList();
            int length = batch.stream().mapToInt(Sample::length).max().orElseThrow();
            LongStream.Builder sampled = LongStream.builder();
            for (int b = 0; b < batch.size(); b++) {
                for (int t = 0; t < batch.get(b).length(); t++) {
                    if (share == 1 || random.nextDouble() < share) {
                        sampled.add((long) b * length + t);
                    }
                }
            }
            longest = Math.max(longest, length);
            Map<String, float[]> measured = session.measure(batch, asIs, asIs, Set.of(), isImage, sampled.build().toArray());
            model.statistics().values().forEach(s -> List.of(s.key(), s.value()).forEach(side -> add(side, measured)));
            count += batch.size();
            done.accept(count);
        }
    }

    private void add(Statistics.Side side, Map<String, float[]> measured) {
        for (String name : new String[] {side.textMaximum(), side.imageMaximum()}) {
            float[] found = measured.get(name);
            float[] largest = maxima.computeIfAbsent(name, n -> new float[found.length]);
            for (int i = 0; i < largest.length; i++) {
                largest[i] = Math.max(largest[i], found[i]);
            }
        }
        rows.computeIfAbsent(side.rows(), n -> new ArrayList<>()).add(measured.get(side.rows()));
    }

    /** Tokens of the longest sequence seen. */
    public int longest() {
        return longest;
    }

    /** Whether this layer was measured. */
    public boolean has(int layer) {
        return model.statistics().containsKey(layer) && longest > 0;
    }

    /** Which channels of a layer's keys are turned together. */
    public RotaryPairs pairs(int layer) {
        return model.statistics().get(layer).pairs();
    }

    /** (heads, channels): largest magnitude over text tokens, or over image tokens. */
    public float[] maximum(int layer, boolean key, boolean image) {
        Statistics.Side side = side(layer, key);
        return maxima.get(image ? side.imageMaximum() : side.textMaximum());
    }

    /** (heads, channels): largest magnitude over all tokens. */
    public float[] maximum(int layer, boolean key) {
        float[] text = maximum(layer, key, false), image = maximum(layer, key, true), both = new float[text.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = Math.max(text[i], image[i]);
        }
        return both;
    }

    /**
     * Static scales (heads, channels) of a layer's keys or values.
     *
     * @param longer whether contexts may be longer than what was seen: key ranges are then those of the rotary envelope
     */
    public float[] scales(CacheLayer layer, boolean key, StaticScale threshold, int bits, boolean longer) {
        float[] seen = joined(rows.getOrDefault(side(layer.layer(), key).rows(), List.of()));
        float[] largest = maximum(layer.layer(), key);
        RotaryPairs pairs = pairs(layer.layer());
        if (key && longer && pairs != RotaryPairs.NONE) {
            seen = StaticScale.rotaryEnvelope(seen, layer.headSize(), pairs == RotaryPairs.NEIGHBOURS);
            // At most what the pair's largest magnitudes make together, were they in one token.
            largest = StaticScale.rotaryEnvelope(largest, layer.headSize(), pairs == RotaryPairs.NEIGHBOURS);
        }
        return threshold.calibrate(seen, largest, bits);
    }

    private Statistics.Side side(int layer, boolean key) {
        Statistics statistics = model.statistics().get(layer);
        return key ? statistics.key() : statistics.value();
    }

    private static float[] joined(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}

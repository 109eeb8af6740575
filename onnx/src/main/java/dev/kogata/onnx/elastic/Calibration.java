package dev.kogata.onnx.elastic;

import ai.onnxruntime.OrtException;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.InputNorms;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What the weights' inputs and the caches look like on samples, measured batch by batch in an elastic graph written with
 * {@link ElasticGraph#inputNorms}, {@link ElasticGraph#inputProducts} or {@link ElasticGraph#cacheRanges}. Only sums and maxima
 * are kept, never inputs. Not thread-safe.
 */
public final class Calibration {
    private final ElasticModel model;
    private final ElasticSession session;
    private final Map<String, InputNorms> sums = new HashMap<>();
    private final Map<String, Hessian> hessians = new HashMap<>();
    private final Map<String, float[]> maxima = new HashMap<>();
    private final List<Integer> keyBits;
    private final List<Integer> valueBits;

    /** Starts with no sample, caches as they are. The session stays the caller's. */
    public Calibration(ElasticModel model, ElasticSession session) {
        this(model, session, model.cacheLayers().stream().map(l -> 0).toList(), model.cacheLayers().stream().map(l -> 0).toList());
    }

    /** Starts with no sample, caches with these widths, in the order of the bundle's. */
    public Calibration(ElasticModel model, ElasticSession session, List<Integer> keyBits, List<Integer> valueBits) {
        this.model = model;
        this.session = session;
        this.keyBits = List.copyOf(keyBits);
        this.valueBits = List.copyOf(valueBits);
    }

    /**
     * Runs all samples.
     *
     * @param done told the number of samples done, after each batch; whatever it throws ends the work
     */
    public void addAll(List<Sample> samples, Batching batching, IntConsumer done) throws OrtException {
        int count = 0;
        for (int[] batch : batching.batches(samples)) {
            add(Arrays.stream(batch).mapToObj(samples::get).toList());
            count += batch.length;
            done.accept(count);
        }
    }

    /** Runs one batch and adds what it shows. */
    public void add(List<Sample> batch) throws OrtException {
        Map<String, float[]> measured = session.measure(batch, keyBits, valueBits);
        model.norms().values().stream().distinct().forEach(name -> {
            float[] squares = measured.get(name);
            sums.computeIfAbsent(name, n -> new InputNorms(squares.length)).add(squares, batch.size());
        });
        model.products().values().stream().distinct().forEach(name -> {
            float[] product = measured.get(name);
            hessians.computeIfAbsent(name, n -> new Hessian((int) Math.sqrt(product.length), new PlainAlgebra())).addProduct(product, batch.size());
        });
        model.ranges().values().forEach(range -> {
            raise(range.key(), measured.get(range.key()));
            raise(range.value(), measured.get(range.value()));
        });
    }

    /** By weight id: m (in), the mean over sequences of the sum over a sequence's tokens of squared inputs, as Wanda (2306.11695) takes it. */
    public Map<String, float[]> inputNorms() {
        Map<String, float[]> norms = new HashMap<>();
        sums.forEach((name, norm) -> model.norms().forEach((weight, output) -> {
            if (output.equals(name)) {
                norms.put(weight, norm.meanSquareNorm());
            }
        }));
        return norms;
    }

    /** The Hessian (in, in) of a weight's inputs, as SparseGPT (2301.00774) takes it; the same object for weights with one input. */
    public Hessian hessian(String weight) {
        return hessians.get(model.products().get(weight));
    }

    /** By layer: largest absolute keys (heads, channels) after rotary embedding. */
    public Map<Integer, float[]> keyMaxima() {
        Map<Integer, float[]> found = new HashMap<>();
        model.ranges().forEach((layer, range) -> found.put(layer, maxima.get(range.key())));
        return found;
    }

    /** By layer: largest absolute values (heads, channels). */
    public Map<Integer, float[]> valueMaxima() {
        Map<Integer, float[]> found = new HashMap<>();
        model.ranges().forEach((layer, range) -> found.put(layer, maxima.get(range.value())));
        return found;
    }

    private void raise(String name, float[] values) {
        float[] largest = maxima.computeIfAbsent(name, n -> new float[values.length]);
        for (int i = 0; i < largest.length; i++) {
            largest[i] = Math.max(largest[i], values[i]);
        }
    }
}

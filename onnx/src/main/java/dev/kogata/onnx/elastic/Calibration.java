package dev.kogata.onnx.elastic;

import ai.onnxruntime.OrtException;
import dev.kogata.core.prune.Hessian;
import dev.kogata.core.prune.InputNorms;
import dev.kogata.core.prune.PlainAlgebra;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.Batching;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * What the weights' inputs look like on samples, measured batch by batch in an elastic graph written with
 * {@link ElasticGraph#inputNorms} or {@link ElasticGraph#inputProducts}. Only sums are kept, never inputs. Not thread-safe.
 */
public final class Calibration {
    private final ElasticModel model;
    private final Batches session;
    private final Map<String, InputNorms> sums = new HashMap<>();
    private final Map<String, Hessian> hessians = new HashMap<>();

    /** Starts with no sample, caches as they are. The session stays the caller's. */
    public Calibration(ElasticModel model, ElasticSession session) {
        this(model, session, model.cacheLayers().stream().map(l -> 0).toList(), model.cacheLayers().stream().map(l -> 0).toList());
    }

    /** Starts with no sample, caches with these widths, in the order of the bundle's. */
    public Calibration(ElasticModel model, ElasticSession session, List<Integer> keyBits, List<Integer> valueBits) {
        this(model, session, keyBits, valueBits, Set.of());
    }

    /** The same with the caches of some layers native. */
    public Calibration(ElasticModel model, ElasticSession session, List<Integer> keyBits, List<Integer> valueBits, Set<Integer> nativeLayers) {
        this(model, batch -> session.measure(batch, keyBits, valueBits, nativeLayers));
    }

    /** Starts with no picture, in an encoder's graph. */
    public Calibration(ElasticModel model, ElasticEncoder session) {
        this(model, session::measure);
    }

    private Calibration(ElasticModel model, Batches session) {
        this.model = model;
        this.session = session;
    }

    /** Runs a batch: output name to sums. */
    @FunctionalInterface
    private interface Batches {
        Map<String, float[]> of(List<Sample> batch) throws OrtException;
    }

    /**
     * Opens an elastic graph, of whichever part, and measures in it what the samples' pass through it shows, caches as they are.
     *
     * @param model written from one of the bundle's parts
     * @param done told the number of samples done, after each batch; whatever it throws ends the work
     */
    public static Calibration of(Bundle bundle, ElasticModel model, List<Sample> samples, int threads, IntConsumer done) throws OrtException {
        List<Integer> asIs = model.cacheLayers().stream().map(l -> 0).toList();
        return of(bundle, model, asIs, asIs, Set.of(), samples, threads, done);
    }

    /** The same; where it is the decoder's, with these widths of its caches. */
    public static Calibration of(Bundle bundle, ElasticModel model, List<Integer> keyBits, List<Integer> valueBits, Set<Integer> nativeLayers, List<Sample> samples, int threads,
            IntConsumer done) throws OrtException {
        if (bundle.decoder().filter(d -> d.name().equals(model.part())).isPresent()) {
            try (ElasticSession session = ElasticSession.open(model, threads)) {
                Calibration calibration = new Calibration(model, session, keyBits, valueBits, nativeLayers);
                calibration.addAll(samples, Batching.DEFAULT, done);
                return calibration;
            }
        }
        try (ElasticEncoder session = ElasticEncoder.open(model, threads)) {
            Calibration calibration = new Calibration(model, session);
            calibration.addAll(samples, Batching.DEFAULT, done);
            return calibration;
        }
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
        Map<String, float[]> measured = session.of(batch);
        model.norms().values().stream().distinct().forEach(name -> {
            float[] squares = measured.get(name);
            sums.computeIfAbsent(name, n -> new InputNorms(squares.length)).add(squares, batch.size());
        });
        model.products().values().stream().distinct().forEach(name -> {
            float[] product = measured.get(name);
            hessians.computeIfAbsent(name, n -> new Hessian((int) Math.sqrt(product.length), new PlainAlgebra())).addProduct(product, batch.size());
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
}

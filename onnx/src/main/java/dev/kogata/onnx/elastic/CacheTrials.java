package dev.kogata.onnx.elastic;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.cache.StaticScale;
import dev.kogata.core.quality.Quality;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.graph.NativeScales;
import dev.kogata.onnx.score.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * What quantized caches cost the answers, all weights as they came: one pass over the samples for each question. Of an elastic
 * graph with cache widths, and with native caches where these are asked for. Not thread-safe.
 */
public final class CacheTrials {
    private static final StaticScale[] THRESHOLDS = StaticScale.values();
    private static final int[] NATIVE_WIDTHS = {8, 4};

    private final ElasticModel model;
    private final ElasticSession session;
    private final Scorer scorer;
    private final Scorer.Listener listener;

    /** @param listener told of every sample; whatever it throws ends the work */
    public CacheTrials(ElasticModel model, ElasticSession session, Scorer scorer, Scorer.Listener listener) {
        this.model = model;
        this.session = session;
        this.scorer = scorer;
        this.listener = listener;
    }

    /** The candidates for static scales of every layer that can be native: each threshold, for 8 bits and then for 4. */
    public static Map<Integer, List<NativeScales>> candidates(CacheStatistics measured, List<CacheLayer> layers, boolean longer) {
        Map<Integer, List<NativeScales>> candidates = new LinkedHashMap<>();
        for (CacheLayer layer : layers) {
            if (layer.nativeWidths().isEmpty() || !measured.has(layer.layer())) {
                continue;
            }
            List<NativeScales> own = new ArrayList<>();
            for (int bits : NATIVE_WIDTHS) {
                for (StaticScale threshold : THRESHOLDS) {
                    own.add(new NativeScales(bits, measured.scales(layer, true, threshold, bits, longer), measured.scales(layer, false, threshold, bits, longer)));
                }
            }
            candidates.put(layer.layer(), own);
        }
        return candidates;
    }

    /**
     * One threshold's loss.
     *
     * @param chosen whether it is the best of its width and side
     */
    public record Choice(int bits, boolean key, StaticScale threshold, double kl, boolean chosen) {}

    /**
     * Measures every threshold for all layers at once, keys and values apart, in a graph with the {@link #candidates}.
     *
     * @return in order of width, side and threshold
     */
    public List<Choice> thresholds() {
        List<Choice> choices = new ArrayList<>();
        for (int w = 0; w < NATIVE_WIDTHS.length; w++) {
            for (boolean key : new boolean[] {true, false}) {
                double[] losses = new double[THRESHOLDS.length];
                for (int t = 0; t < losses.length; t++) {
                    int version = w * THRESHOLDS.length + t + 1;
                    losses[t] = planned(asIs(), key ? version : 0, key ? 0 : version, layer -> true).kl();
                }
                int best = 0;
                for (int t = 1; t < losses.length; t++) {
                    best = losses[t] < losses[best] ? t : best;
                }
                for (int t = 0; t < losses.length; t++) {
                    choices.add(new Choice(NATIVE_WIDTHS[w], key, THRESHOLDS[t], losses[t], t == best));
                }
            }
        }
        return choices;
    }

    /** Of the candidates what was chosen: for every layer one version for each width. */
    public static Map<Integer, List<NativeScales>> chosen(Map<Integer, List<NativeScales>> candidates, List<Choice> choices) {
        Map<Integer, List<NativeScales>> chosen = new LinkedHashMap<>();
        candidates.forEach((layer, own) -> {
            List<NativeScales> versions = new ArrayList<>();
            for (int w = 0; w < NATIVE_WIDTHS.length; w++) {
                versions.add(new NativeScales(NATIVE_WIDTHS[w], own.get(place(choices, w, true)).key(), own.get(place(choices, w, false)).value()));
            }
            chosen.put(layer, versions);
        });
        return chosen;
    }

    private static int place(List<Choice> choices, int width, boolean key) {
        StaticScale best = choices.stream().filter(c -> c.chosen() && c.key() == key && c.bits() == NATIVE_WIDTHS[width]).findFirst().orElseThrow().threshold();
        return width * THRESHOLDS.length + best.ordinal();
    }

    /** The loss of one side of one layer alone in a portable width. */
    public Quality portable(int layer, boolean key, int bits) {
        List<Integer> narrowed = new ArrayList<>(asIs());
        narrowed.set(index(layer), bits);
        return planned(new ElasticPlan(dense(), key ? narrowed : asIs(), key ? asIs() : narrowed), 0, 0, other -> false);
    }

    /** The loss of one side of one layer alone in a native width, in a graph with one version for each width. */
    public Quality nativeSide(int layer, boolean key, int bits) {
        int version = 1 + model.natives().get(layer).stream().map(NativeScales::bits).toList().indexOf(bits);
        return planned(asIs(), key ? version : 0, key ? 0 : version, other -> other == layer);
    }

    private Quality planned(List<Integer> asIs, int keyVersion, int valueVersion, IntPredicate layers) {
        return planned(new ElasticPlan(dense(), asIs, asIs), keyVersion, valueVersion, layers);
    }

    private Quality planned(ElasticPlan plan, int keyVersion, int valueVersion, IntPredicate layers) {
        return scorer.quality(session.planned(plan, versions(keyVersion, layers), versions(valueVersion, layers)), listener);
    }

    private long[] versions(int version, IntPredicate layers) {
        long[] versions = new long[model.cacheLayers().size()];
        Arrays.setAll(versions, i -> {
            int layer = model.cacheLayers().get(i).layer();
            return model.natives().containsKey(layer) && layers.test(layer) ? version : 0;
        });
        return versions;
    }

    private int index(int layer) {
        return model.cacheLayers().stream().map(CacheLayer::layer).toList().indexOf(layer);
    }

    private List<Integer> asIs() {
        return Collections.nCopies(model.cacheLayers().size(), 0);
    }

    private List<WeightStep> dense() {
        return Collections.nCopies(model.weights().size(), WeightStep.DENSE);
    }
}

package dev.kogata.core.budget;

import java.util.List;

/**
 * One point of the search: for every weight which of its elastic versions, for every layer with a cache how many bits, in the
 * order of {@link ModelCost#weights()} and {@link ModelCost#cacheLayers()}. Immutable; equal plans are equal.
 *
 * @param weights one entry per weight
 * @param keyBits bits per key value, by cache layer; 0 = as is
 * @param valueBits bits per value, by cache layer; 0 = as is
 */
public record ElasticPlan(List<WeightStep> weights, List<Integer> keyBits, List<Integer> valueBits) {

    /** Throws {@link IllegalArgumentException} where keys and values differ in layers. */
    public ElasticPlan {
        if (keyBits.size() != valueBits.size()) {
            throw new IllegalArgumentException("key bits of %d layers, value bits of %d".formatted(keyBits.size(), valueBits.size()));
        }
        weights = List.copyOf(weights);
        keyBits = List.copyOf(keyBits);
        valueBits = List.copyOf(valueBits);
    }
}

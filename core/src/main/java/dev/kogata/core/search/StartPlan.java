package dev.kogata.core.search;

import java.util.List;

/**
 * A plan to try before the sampler takes over. Immutable.
 *
 * @param origin where it came from: {@code uniform}, {@code owl}, {@code arithmetic-progression}, ...
 * @param sparsity by layer that has weights, in order, relative or absolute: only differences count
 * @param keyBits by cache layer, 0 = as is; empty for the best common width tried so far
 * @param valueBits as {@code keyBits}, for values
 */
public record StartPlan(String origin, List<Double> sparsity, List<Integer> keyBits, List<Integer> valueBits) {

    /** Throws {@link IllegalArgumentException} where keys and values differ in layers. */
    public StartPlan {
        if (keyBits.size() != valueBits.size()) {
            throw new IllegalArgumentException("start plan %s: key bits of %d layers, value bits of %d".formatted(origin, keyBits.size(), valueBits.size()));
        }
        sparsity = List.copyOf(sparsity);
        keyBits = List.copyOf(keyBits);
        valueBits = List.copyOf(valueBits);
    }

    /** Sparsities whose cache widths are the best common ones tried so far. */
    public StartPlan(String origin, List<Double> sparsity) {
        this(origin, sparsity, List.of(), List.of());
    }
}

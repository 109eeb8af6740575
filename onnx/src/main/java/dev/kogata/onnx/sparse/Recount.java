package dev.kogata.onnx.sparse;

import java.util.List;

/**
 * What a result's files say.
 *
 * @param wrong what does not hold, a sentence each; empty where everything does
 * @param weightBytes bytes of all weights of the plan, each in its smaller encoding
 * @param cacheBytes bytes of the cache at the plan's workload
 * @param untouchedBytes bytes of all other tensors, without what Kogata's cache arithmetic added to the graph
 * @param zeros values of the plan's weights that are zero
 * @param files files whose hashes were compared
 */
public record Recount(List<String> wrong, long weightBytes, long cacheBytes, long untouchedBytes, long zeros, int files) {
    public Recount {
        wrong = List.copyOf(wrong);
    }

    /** Bytes of weights, cache and untouched tensors together. */
    public long bytes() {
        return weightBytes + cacheBytes + untouchedBytes;
    }

    public boolean holds() {
        return wrong.isEmpty();
    }
}

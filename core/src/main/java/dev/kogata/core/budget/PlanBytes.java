package dev.kogata.core.budget;

/**
 * Bytes of a model by part. Immutable.
 *
 * @param untouched tensors that stay as they are
 * @param weights prunable weights, each in its smaller encoding
 * @param cache keys and values at the workload
 */
public record PlanBytes(long untouched, long weights, long cache) {

    /** All parts together. */
    public long total() {
        return Math.addExact(Math.addExact(untouched, weights), cache);
    }
}

package dev.kogata.core.budget;

/**
 * What plans of one model can weigh. Immutable.
 *
 * @param minimum bytes with everything pruned and quantized as far as it goes
 * @param maximum bytes with nothing pruned and the widest caches: the dense model, unless caches cannot stay as is or a weight
 *        has so many zeros already that it is smaller encoded
 */
public record ReachableBytes(long minimum, long maximum) {

    /** True where a limit lies in this range. */
    public boolean contains(long bytes) {
        return minimum <= bytes && bytes <= maximum;
    }
}

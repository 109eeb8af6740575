package dev.kogata.core.budget;

import java.util.ArrayList;
import java.util.List;

/**
 * The sparsities at which a bank holds a weight: steps of 256, ascending, the first of them 0, the weight as it came. At step t
 * every output row of {@code inputs} values has {@code floor(inputs * t / 256)} zeros, or those that it came with where they are
 * more: so the grid alone tells all bytes. Immutable.
 *
 * @param steps the step of every version
 */
public record VersionGrid(List<Integer> steps) {

    /** What a search of the usual budgets needs; the same for all of them, so that one bank serves them all. */
    public static final VersionGrid USUAL = new VersionGrid(List.of(0, 77, 115, 141, 166, 184, 205, 225));
    /** What is added where a budget leaves less than a fifth of the weights. */
    private static final List<Integer> FAR = List.of(243, 254);
    private static final int FAR_FROM = 205;
    private static final int LAST_STEP = 254;
    private static final double STEPS = 256;

    /** Throws {@link IllegalArgumentException} where steps do not ascend from 0 to at most 254. */
    public VersionGrid {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.get(0) != 0 || steps.get(steps.size() - 1) > LAST_STEP) {
            throw new IllegalArgumentException("versions at steps %s, which are to ascend from 0 to at most %d".formatted(steps, LAST_STEP));
        }
        for (int v = 1; v < steps.size(); v++) {
            if (steps.get(v) <= steps.get(v - 1)) {
                // More steps must never mean more nonzeros, in any row: projections rely on it.
                throw new IllegalArgumentException("versions at steps %s do not ascend".formatted(steps));
            }
        }
    }

    /** The usual versions, and sparser ones where the mean sparsity that a budget takes is near the end of those. */
    public static VersionGrid reaching(double sparsity) {
        if (sparsity * STEPS < FAR_FROM) {
            return USUAL;
        }
        List<Integer> steps = new ArrayList<>(USUAL.steps);
        steps.addAll(FAR);
        return new VersionGrid(steps);
    }

    /** How many versions there are, the weight as it came included. */
    public int versions() {
        return steps.size();
    }

    /** Nominal share of zeros of every row of a version. */
    public double sparsity(int version) {
        return steps.get(version) / STEPS;
    }

    /** At most this many of these versions, the first and the last always among them, evenly chosen. */
    public VersionGrid thinned(int most) {
        if (most < 2) {
            throw new IllegalArgumentException("a bank of %d versions".formatted(most));
        }
        if (most >= versions()) {
            return this;
        }
        List<Integer> kept = new ArrayList<>();
        for (int k = 0; k < most; k++) {
            kept.add(steps.get(Math.round((float) k * (versions() - 1) / (most - 1))));
        }
        return new VersionGrid(kept);
    }
}

package dev.kogata.core.budget;

/**
 * How many values of one weight are not zero, for every elastic version of it: what turns a choice of the elastic graph into
 * exact bytes, for level maps by a formula and for banks of repaired weights from a table.
 *
 * <p>Steps run from 0 (as the model came) to {@link #lastStep()}. More steps never mean more nonzeros, in any output row.
 * Implementations are immutable.
 */
public interface NonzeroCounts {

    /** Output rows of the weight. */
    int outputs();

    /** The largest step there is; 0 where the weight cannot be pruned. */
    int lastStep();

    /** Nominal share of zeros of every row at this step; grows with the step, 0 at step 0. */
    double sparsity(int step);

    /** Values that are not zero where the first {@code rowsAtNextStep} output rows are at {@code step + 1}, the others at {@code step}. */
    long nonzeros(int step, int rowsAtNextStep);

    /** The same for a {@linkplain WeightStep#position position}. */
    default long nonzerosAt(long position) {
        int outputs = Math.max(1, outputs());
        return nonzeros((int) (position / outputs), (int) (position % outputs));
    }

    /** The last position whose nominal sparsity is at most this; clamped to what there is. */
    default long position(double sparsity) {
        int low = 0;
        int high = lastStep();
        if (!(sparsity > 0)) {
            return 0;
        }
        if (sparsity >= sparsity(high)) {
            return (long) high * outputs();
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (sparsity(middle) <= sparsity) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double share = (sparsity - sparsity(low)) / (sparsity(low + 1) - sparsity(low));
        return (long) low * outputs() + Math.min(outputs() - 1L, (long) (share * outputs()));
    }
}

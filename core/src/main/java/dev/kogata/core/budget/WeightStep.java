package dev.kogata.core.budget;

/**
 * Which elastic version of one weight is alive. Immutable.
 *
 * @param step step of the later output rows; for level maps 0 to 254 of 256, for banks the version's index
 * @param rowsAtNextStep this many first output rows take {@code step + 1}
 */
public record WeightStep(int step, int rowsAtNextStep) {

    /** The weight as the model came. */
    public static final WeightStep DENSE = new WeightStep(0, 0);

    /** Throws {@link IllegalArgumentException} for negative numbers. */
    public WeightStep {
        if (step < 0 || rowsAtNextStep < 0) {
            throw new IllegalArgumentException("step %d with %d rows at the next".formatted(step, rowsAtNextStep));
        }
    }

    /** Number of single-row steps from dense: {@code step * outputs + rowsAtNextStep}. */
    public long position(int outputs) {
        return (long) step * outputs + rowsAtNextStep;
    }

    static WeightStep at(long position, int outputs) {
        return outputs == 0 ? DENSE : new WeightStep((int) (position / outputs), (int) (position % outputs));
    }
}

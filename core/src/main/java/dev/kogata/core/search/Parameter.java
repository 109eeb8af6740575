package dev.kogata.core.search;

/**
 * One dimension of a search space. Values of every kind are carried as doubles: a real as itself, a whole number as itself, a
 * choice as its index. Immutable.
 */
public sealed interface Parameter {

    /** Name, for messages and journals. */
    String name();

    /** True where a value is one that this parameter can take. */
    boolean contains(double value);

    /**
     * A real number, all of [low, high] or in steps from {@code low}.
     *
     * @param name for messages
     * @param low smallest value
     * @param high largest value; lowered to the last step that fits
     * @param step distance of neighbouring values; 0 for all reals
     * @param log true where ratios count, not differences; then {@code low > 0} and no step
     */
    record Real(String name, double low, double high, double step, boolean log) implements Parameter {
        /** Throws {@link IllegalArgumentException} where the bounds make no range. */
        public Real {
            if (!(low <= high) || Double.isInfinite(high - low) || !(step >= 0) || (log && (low <= 0 || step != 0))) {
                throw new IllegalArgumentException("parameter %s: [%s, %s] in steps of %s, log %s".formatted(name, low, high, step, log));
            }
            if (step > 0) {
                // A hair of tolerance, as 0.55 - 0.45 is no exact multiple of 0.025.
                high = low + step * Math.floor((high - low) / step + 1e-8);
            }
        }

        /** All reals of a range. */
        public Real(String name, double low, double high) {
            this(name, low, high, 0, false);
        }

        @Override
        public boolean contains(double value) {
            boolean inRange = value >= low && value <= high;
            return inRange && (step == 0 || Math.abs((value - low) / step - Math.rint((value - low) / step)) < 1e-8);
        }
    }

    /**
     * A whole number in steps from {@code low}.
     *
     * @param name for messages
     * @param low smallest value
     * @param high largest value; lowered to the last step that fits
     * @param step distance of neighbouring values, at least 1
     * @param log true where ratios count, not differences; then {@code low > 0} and a step of 1
     */
    record Whole(String name, int low, int high, int step, boolean log) implements Parameter {
        /** Throws {@link IllegalArgumentException} where the bounds make no range. */
        public Whole {
            if (low > high || step < 1 || (log && (low <= 0 || step != 1))) {
                throw new IllegalArgumentException("parameter %s: %d to %d in steps of %d, log %s".formatted(name, low, high, step, log));
            }
            high = (int) (low + ((long) high - low) / step * step);
        }

        /** Consecutive whole numbers. */
        public Whole(String name, int low, int high) {
            this(name, low, high, 1, false);
        }

        @Override
        public boolean contains(double value) {
            return value >= low && value <= high && (value - low) % step == 0;
        }
    }

    /**
     * One of several things without an order.
     *
     * @param name for messages
     * @param choices how many, at least 1
     */
    record Choice(String name, int choices) implements Parameter {
        /** Throws {@link IllegalArgumentException} where there is nothing to choose. */
        public Choice {
            if (choices < 1) {
                throw new IllegalArgumentException("parameter %s: %d choices".formatted(name, choices));
            }
        }

        @Override
        public boolean contains(double value) {
            return value >= 0 && value < choices && value == Math.rint(value);
        }
    }
}

package dev.kogata.core.search;

/**
 * A numerical parameter as densities see it: on a linear or a logarithmic axis, continuous or in steps. Immutable.
 *
 * <p>A whole number on a logarithmic axis is continuous there, half a step wider at both ends, and rounded on the way back, as
 * Optuna does it.
 *
 * @param low smallest place on the axis
 * @param high largest place on the axis
 * @param step distance of neighbouring places; 0 where continuous
 */
record Axis(Parameter parameter, double low, double high, double step, boolean log) {

    static Axis of(Parameter parameter) {
        if (parameter instanceof Parameter.Real real) {
            return real.log() ? new Axis(real, StrictMath.log(real.low()), StrictMath.log(real.high()), 0, true)
                    : new Axis(real, real.low(), real.high(), real.step(), false);
        }
        if (parameter instanceof Parameter.Whole whole) {
            return whole.log() ? new Axis(whole, StrictMath.log(whole.low() - 0.5), StrictMath.log(whole.high() + 0.5), 0, true)
                    : new Axis(whole, whole.low(), whole.high(), whole.step(), false);
        }
        throw new IllegalArgumentException("parameter %s has no axis".formatted(parameter.name()));
    }

    /** Length of the axis with half a step at both ends. */
    double range() {
        return high - low + step;
    }

    /** True where observations are often equal. */
    boolean tied() {
        return step > 0 || parameter instanceof Parameter.Whole;
    }

    double place(double value) {
        return log ? StrictMath.log(value) : value;
    }

    /** The parameter's value nearest to a place. */
    double value(double place) {
        if (parameter instanceof Parameter.Whole whole) {
            double raw = log ? Math.rint(StrictMath.exp(place)) : whole.low() + step * Math.rint((place - low) / step);
            return Math.max(whole.low(), Math.min(whole.high(), raw));
        }
        Parameter.Real real = (Parameter.Real) parameter;
        double raw = log ? StrictMath.exp(place) : step > 0 ? low + step * Math.rint((place - low) / step) : place;
        return Math.max(real.low(), Math.min(real.high(), raw));
    }
}

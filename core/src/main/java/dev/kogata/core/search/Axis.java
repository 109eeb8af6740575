package dev.kogata.core.search;

/**
 * A numerical parameter as densities see it: on a linear or a logarithmic axis, continuous or in steps. Immutable.
 *
 * <p>A whole number on a logarithmic axis reaches half a step further at both ends. Optuna 4 takes it for continuous there and
 * rounds on the way back, Optuna 5 has all mass of a step at its middle.
 *
 * @param low smallest place on the axis
 * @param high largest place on the axis
 * @param step distance of neighbouring values; 0 where continuous
 */
record Axis(Parameter parameter, double low, double high, double step, boolean log) {

    /** The axis of a parameter, for samples and for the densities of Optuna 4. */
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

    /** The axis on which whole numbers have steps, logarithmic or not: Optuna 5's. */
    Axis stepped() {
        return parameter instanceof Parameter.Whole && log ? new Axis(parameter, low, high, 1, true) : this;
    }

    /** Lower end of the density: half a step below the lowest value. */
    double lowest() {
        return log ? low : low - step / 2;
    }

    /** Upper end of the density. */
    double highest() {
        return log ? high : high + step / 2;
    }

    /** Length of the axis with half a step at both ends. */
    double range() {
        return log ? high - low : high - low + step;
    }

    double place(double value) {
        return log ? StrictMath.log(value) : value;
    }

    /** Number of the step of a value, from 0; of a value between steps, of the nearest. */
    double stepOf(double value) {
        return Math.rint((value - firstValue()) / step);
    }

    /** The value of a step. */
    double valueOf(double number) {
        return firstValue() + number * step;
    }

    /** How many steps there are. */
    double steps() {
        return parameter instanceof Parameter.Whole whole ? ((double) whole.high() - whole.low()) / step + 1 : Math.rint((high - low) / step) + 1;
    }

    /** Where the step around a value begins. */
    double below(double value) {
        return Math.max(lowest(), log ? StrictMath.log(value - step / 2) : value - step / 2);
    }

    /** Where the step around a value ends. */
    double above(double value) {
        return Math.min(highest(), log ? StrictMath.log(value + step / 2) : value + step / 2);
    }

    private double firstValue() {
        return parameter instanceof Parameter.Whole whole ? whole.low() : low;
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

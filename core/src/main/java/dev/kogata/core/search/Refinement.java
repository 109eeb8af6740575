package dev.kogata.core.search;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Neighbours of a point: a few parameters moved a little, the rest as they are. With dozens of parameters a sampler that draws
 * them all anew seldom keeps what is good already; moving a few at a time does. Immutable.
 */
final class Refinement {

    private static final int MOST_MOVED = 4;
    /** Deviation of a number's move, as a share of its range. */
    private static final double DEVIATION = 0.16;

    private final List<Parameter> parameters;

    Refinement(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    /** A neighbour: one to four moves, of a choice to another one, of a step to the next, of a real by a truncated normal. */
    double[] neighbour(double[] point, SplittableRandom random) {
        double[] moved = point.clone();
        int moves = 1 + random.nextInt(MOST_MOVED);
        for (int i = 0; i < moves; i++) {
            int p = random.nextInt(moved.length);
            moved[p] = moved(parameters.get(p), moved[p], random);
        }
        return moved;
    }

    private static double moved(Parameter parameter, double value, SplittableRandom random) {
        if (parameter instanceof Parameter.Choice choice) {
            return choice.choices() == 1 ? value : (value + 1 + random.nextInt(choice.choices() - 1)) % choice.choices();
        }
        Axis axis = Axis.of(parameter);
        double place = axis.place(value);
        if (axis.step() > 0) {
            double step = random.nextBoolean() ? axis.step() : -axis.step();
            double next = place + step;
            return axis.value(next < axis.low() - axis.step() / 2 || next > axis.high() + axis.step() / 2 ? place - step : next);
        }
        return axis.range() == 0 ? value : axis.value(Normal.truncated(random, place, DEVIATION * axis.range(), axis.low(), axis.high()));
    }
}

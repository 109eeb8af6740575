package dev.kogata.core.search;

import java.util.List;
import java.util.SplittableRandom;

/** Every value alike (on its axis), whatever was measured. Immutable. */
public final class RandomSampler implements Sampler {

    private final List<Parameter> parameters;
    private final long seed;

    /** A sampler over these parameters. */
    public RandomSampler(List<Parameter> parameters, long seed) {
        this.parameters = List.copyOf(parameters);
        this.seed = seed;
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public double[] ask(int number, List<TrialRecord> history) {
        return sample(parameters, TrialRandom.of(seed, number));
    }

    static double[] sample(List<Parameter> parameters, SplittableRandom random) {
        double[] point = new double[parameters.size()];
        for (int p = 0; p < point.length; p++) {
            Parameter parameter = parameters.get(p);
            if (parameter instanceof Parameter.Choice choice) {
                point[p] = random.nextInt(choice.choices());
            } else {
                Axis axis = Axis.of(parameter);
                point[p] = axis.value(axis.low() - axis.step() / 2 + random.nextDouble() * axis.range());
            }
        }
        return point;
    }
}

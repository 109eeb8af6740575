package dev.kogata.core.search;

import java.util.SplittableRandom;

/** Categorical kernels: {@code prior / kernels} for every choice, 1 more for the observed one, normalised. */
final class ChoiceKernels implements Kernels {

    private final int choices;
    /** Observed choice by kernel; the prior has none. */
    private final int[] observed;
    private final double likely;
    private final double unlikely;
    private final double logLikely;
    private final double logUnlikely;
    private final double logPrior;

    ChoiceKernels(int choices, double[] observations) {
        this.choices = choices;
        observed = new int[observations.length];
        for (int i = 0; i < observed.length; i++) {
            observed[i] = (int) observations[i];
        }
        double prior = 1.0 / (observations.length + 1);
        double sum = choices * prior + 1;
        likely = (prior + 1) / sum;
        unlikely = prior / sum;
        logLikely = StrictMath.log(likely);
        logUnlikely = StrictMath.log(unlikely);
        logPrior = StrictMath.log(1.0 / choices);
    }

    @Override
    public double place(double value) {
        return value;
    }

    @Override
    public void addLogDensities(double place, int[] some, int count, double[] sums) {
        for (int i = 0; i < count; i++) {
            int kernel = some[i];
            sums[kernel] += kernel == observed.length ? logPrior : observed[kernel] == place ? logLikely : logUnlikely;
        }
    }

    @Override
    public double greatestLogDensity() {
        return 0;
    }

    @Override
    public double density(double place, double[] weight) {
        double here = 0;
        double elsewhere = 0;
        for (int kernel = 0; kernel < observed.length; kernel++) {
            if (observed[kernel] == place) {
                here += weight[kernel];
            } else {
                elsewhere += weight[kernel];
            }
        }
        return here * likely + elsewhere * unlikely + weight[observed.length] / choices;
    }

    @Override
    public double sample(int kernel, SplittableRandom random) {
        double u = random.nextDouble();
        if (kernel == observed.length) {
            return Math.min(choices - 1, (int) (u * choices));
        }
        double rest = u - (likely - unlikely);
        return rest < 0 ? observed[kernel] : Math.min(choices - 1, (int) (rest / unlikely));
    }
}

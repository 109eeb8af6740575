package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left out, drawn together and looked up changes no density and no proposal: compared with plain sums over all kernels and candidates. */
class FastDensityTest {

    private static final Parameter.Real UNIT = new Parameter.Real("x", 0, 1);

    /** Histories of different shapes: a uniform draw to where its observation is. */
    private enum Crowd {
        EVERYWHERE(u -> u),
        NARROW(u -> 0.37 + 0.01 * u),
        AT_AN_END(u -> u * u * u * u),
        TIED(u -> Math.rint(8 * u) / 8),
        AT_BOTH_ENDS(u -> u < 0.4 ? 0 : u > 0.6 ? 1 : u),
        TWO_AND_FEW_BETWEEN(u -> u < 0.49 ? 0.1 + 0.02 * u : u > 0.51 ? 0.9 - 0.02 * u : u);

        private final DoubleUnaryOperator place;

        Crowd(DoubleUnaryOperator place) {
            this.place = place;
        }
    }

    @ParameterizedTest
    @EnumSource(Crowd.class)
    void densitiesArePlainSumsAndBoundsAreBelowThemButNear(Crowd crowd) {
        for (int count : new int[] {1, 24, 41, 97, 700}) {
            double[][] observations = new double[count][1];
            SplittableRandom random = new SplittableRandom(count);
            for (double[] observation : observations) {
                observation[0] = crowd.place.applyAsDouble(random.nextDouble());
            }
            for (Bandwidth bandwidth : Bandwidth.values()) {
                ParzenEstimator fast = new ParzenEstimator(List.of(UNIT), observations, bandwidth);
                DoubleUnaryOperator plain = plainLogDensity(observations, bandwidth);
                for (int i = 0; i <= 40; i++) {
                    boolean inTheCrowd = i % 2 == 1;
                    double[] point = {inTheCrowd ? crowd.place.applyAsDouble(random.nextDouble()) : i / 40.0};
                    double density = plain.applyAsDouble(point[0]);
                    assertThat(fast.logDensity(point)).as("%s, %d observations, at %s", bandwidth, count, point[0]).isCloseTo(density, within(1e-9));
                    assertThat(fast.leastLogDensity(point)).as("bound").isLessThan(density + 1e-9).isGreaterThan(inTheCrowd ? density - 0.8 : Double.NEGATIVE_INFINITY);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void proposalsAreThoseOfAllCandidatesLookedAt(boolean together) {
        List<Parameter> parameters = List.of(UNIT, new Parameter.Whole("whole", 0, 4), new Parameter.Real("log", 1e-4, 10, 0, true), new Parameter.Choice("choice", 3),
                new Parameter.Real("stepped", 0, 1, 0.125, false), new Parameter.Real("y", -1, 1));
        Bandwidth bandwidth = together ? Bandwidth.NEIGHBOURS : Bandwidth.NEIGHBOURS_AND_PRIOR;
        Sampler sampler = new TpeSampler(parameters, 21, bandwidth, together);
        List<TrialRecord> history = new ArrayList<>();
        for (int number = 0; number < 420; number++) {
            double[] proposed = sampler.ask(number, history);
            if (number >= TpeSampler.STARTUP_TRIALS && number % 40 < 2) {
                assertThat(proposed).as("trial %d", number).isEqualTo(plainProposal(parameters, bandwidth, together, TrialRandom.of(21, number), history));
            }
            double loss = Math.abs(proposed[0] - 0.9) + 0.1 * Math.abs(proposed[1] - 3) + Math.abs(Math.log(proposed[2])) + (proposed[3] == 1 ? 0 : 0.3) + proposed[5] * proposed[5];
            TrialRecord trial = TrialRecord.running(number, proposed);
            history.add(number % 17 == 5 ? trial : trial.told(loss));
        }
    }

    private static double[] plainProposal(List<Parameter> parameters, Bandwidth bandwidth, boolean together, SplittableRandom random, List<TrialRecord> history) {
        if (together) {
            return best(parameters, bandwidth, random, history, 0, parameters.size());
        }
        double[] point = new double[parameters.size()];
        for (int p = 0; p < point.length; p++) {
            point[p] = best(parameters, bandwidth, random, history, p, p + 1)[0];
        }
        return point;
    }

    private static double[] best(List<Parameter> parameters, Bandwidth bandwidth, SplittableRandom random, List<TrialRecord> history, int from, int to) {
        boolean[] good = TpeSampler.good(history);
        List<double[]> l = new ArrayList<>();
        List<double[]> g = new ArrayList<>();
        for (int t = 0; t < good.length; t++) {
            (good[t] ? l : g).add(Arrays.copyOfRange(history.get(t).parameters(), from, to));
        }
        ParzenEstimator goods = new ParzenEstimator(parameters.subList(from, to), l.toArray(double[][]::new), bandwidth);
        ParzenEstimator others = new ParzenEstimator(parameters.subList(from, to), g.toArray(double[][]::new), bandwidth);
        double[] best = null;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < 24; i++) {
            double[] candidate = goods.sample(random);
            double ratio = goods.logDensity(candidate) - others.logDensity(candidate);
            if (best == null || ratio > greatest) {
                best = candidate;
                greatest = ratio;
            }
        }
        return best;
    }

    private static DoubleUnaryOperator plainLogDensity(double[][] observations, Bandwidth bandwidth) {
        Column column = new Column(UNIT, bandwidth);
        for (double[] observation : observations) {
            column.add(observation[0]);
        }
        Members all = Members.of(new boolean[observations.length], false);
        SortedKernels kernels = bandwidth.kernels(column, all, 1, new Scratch());
        return place -> {
            double sum = all.weight()[observations.length] * normal(place, 0.5, 1);
            for (int rank = 0; rank < kernels.count(); rank++) {
                sum += all.weight()[kernels.kernel()[rank]] * normal(place, kernels.mean()[rank], kernels.sigma()[rank]);
            }
            return StrictMath.log(sum);
        };
    }

    private static double normal(double x, double mean, double sigma) {
        double z = (x - mean) / sigma;
        double inside = 1 - Normal.cdf(-mean / sigma) - Normal.cdf((mean - 1) / sigma);
        return StrictMath.exp(-0.5 * z * z) * Normal.INVERSE_SQRT_2_PI / sigma / inside;
    }
}

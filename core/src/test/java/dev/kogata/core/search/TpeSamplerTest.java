package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TpeSamplerTest extends SamplerContract {

    @Override
    Sampler sampler(List<Parameter> parameters, long seed) {
        return new TpeSampler(parameters, seed);
    }

    @Test
    void startsWithTenRandomTrials() {
        List<Parameter> parameters = List.of(new Parameter.Real("x", 0, 1));
        List<TrialRecord> tpe = run(new TpeSampler(parameters, 9), 12);
        List<TrialRecord> random = run(new RandomSampler(parameters, 9), 12);
        assertThat(values(tpe).subList(0, 10)).isEqualTo(values(random).subList(0, 10));
        assertThat(values(tpe).subList(10, 12)).isNotEqualTo(values(random).subList(10, 12));
    }

    @Test
    void goodTrialsAreATenthAndAtMostTwentyFive() {
        assertThat(new int[] {TpeSampler.gamma(1), TpeSampler.gamma(10), TpeSampler.gamma(11), TpeSampler.gamma(250), TpeSampler.gamma(10_000)})
                .containsExactly(1, 1, 2, 25, 25);
    }

    @Test
    void searchesNearTheGoodTrials() {
        List<Parameter> parameters = List.of(new Parameter.Real("x", 0, 1), new Parameter.Whole("bits", 0, 5), new Parameter.Choice("c", 4));
        Study study = new Study(new TpeSampler(parameters, 10), List.of());
        List<Double> late = new ArrayList<>();
        for (int trial = 0; trial < 100; trial++) {
            double[] v = study.ask().parameters();
            study.tell(trial, Math.abs(v[0] - 0.8) + 0.2 * Math.abs(v[1] - 1) + (v[2] == 2 ? 0 : 0.5));
            if (trial >= 70) {
                late.add(v[0]);
            }
        }
        assertThat(late.stream().mapToDouble(x -> Math.abs(x - 0.8)).average().orElseThrow()).isLessThan(0.15);
        double[] best = study.best().orElseThrow().parameters();
        assertThat(best[1]).isEqualTo(1);
        assertThat(best[2]).isEqualTo(2);
    }

    @Test
    void keepsParallelTrialsApart() {
        List<Parameter> parameters = List.of(new Parameter.Real("x", 0, 1));
        Study study = new Study(new TpeSampler(parameters, 11), List.of());
        for (int trial = 0; trial < 30; trial++) {
            study.tell(trial, Math.abs(study.ask().parameters()[0] - 0.5));
        }
        List<TrialRecord> running = new ArrayList<>(study.history());
        double spot = study.best().orElseThrow().parameters()[0];
        for (int worker = 0; worker < 5; worker++) {
            running.add(TrialRecord.running(30 + worker, new double[] {spot}));
        }
        Sampler sampler = new TpeSampler(parameters, 11);
        double alone = 0;
        double apart = 0;
        for (int number = 35; number < 85; number++) {
            alone += Math.abs(sampler.ask(number, study.history())[0] - spot);
            apart += Math.abs(sampler.ask(number, running)[0] - spot);
        }
        assertThat(apart).isGreaterThan(1.2 * alone);
    }

    @Test
    void findsBetterPointsThanRandomInMostSeeds() {
        List<Parameter> parameters = new ArrayList<>();
        for (int d = 0; d < 12; d++) {
            parameters.add(d % 3 == 0 ? new Parameter.Whole("w" + d, 0, 5) : new Parameter.Real("x" + d, 0, 1));
        }
        int wins = 0;
        for (long seed = 0; seed < 10; seed++) {
            wins += bestOf(new TpeSampler(parameters, seed)) < bestOf(new RandomSampler(parameters, seed)) ? 1 : 0;
        }
        assertThat(wins).isGreaterThanOrEqualTo(9);
    }

    private static double bestOf(Sampler sampler) {
        Study study = new Study(sampler, List.of());
        for (int trial = 0; trial < 120; trial++) {
            double[] v = study.ask().parameters();
            double loss = 0;
            for (int d = 0; d < v.length; d++) {
                double target = d % 3 == 0 ? (v[d] - 3) / 5 : v[d] - 0.2 - 0.05 * d;
                loss += target * target;
            }
            study.tell(trial, loss);
        }
        return study.best().orElseThrow().loss();
    }
}

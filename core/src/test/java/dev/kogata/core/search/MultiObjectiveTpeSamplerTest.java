package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiObjectiveTpeSamplerTest extends SamplerContract {

    /** Seen as a sampler of one objective whose second one pulls the other way. */
    @Override
    Sampler sampler(List<Parameter> parameters, long seed) {
        MultiObjectiveTpeSampler sampler = new MultiObjectiveTpeSampler(parameters, seed);
        return new Sampler() {
            @Override
            public List<Parameter> parameters() {
                return sampler.parameters();
            }

            @Override
            public double[] ask(int number, List<TrialRecord> history) {
                return sampler.ask(number, history.stream().map(MultiObjectiveTpeSamplerTest::twice).toList());
            }
        };
    }

    private static ParetoTrial twice(TrialRecord trial) {
        ParetoTrial asked = ParetoTrial.running(trial.number(), trial.parameters());
        return switch (trial.state()) {
            case RUNNING -> asked;
            case COMPLETE -> asked.told(trial.loss(), -trial.parameters()[0]);
            case STOPPED, FAILED -> asked.told(Double.NaN, 0);
        };
    }

    @Test
    void searchesAlongTheWholeFront() {
        List<Parameter> parameters = List.of(new Parameter.Real("x", 0, 1), new Parameter.Real("y", 0, 1), new Parameter.Choice("c", 4));
        MultiObjectiveTpeSampler sampler = new MultiObjectiveTpeSampler(parameters, 3);
        List<ParetoTrial> history = new ArrayList<>();
        for (int number = 0; number < 150; number++) {
            double[] v = sampler.ask(number, history);
            double penalty = Math.abs(v[1] - 0.7) + (v[2] == 2 ? 0 : 0.5);   // the front: y = 0.7, c = 2, any x
            history.add(ParetoTrial.running(number, v).told(v[0] * v[0] + penalty, (1 - v[0]) * (1 - v[0]) + penalty));
        }
        List<ParetoTrial> late = history.subList(100, 150);
        assertThat(late).filteredOn(trial -> trial.parameters()[2] == 2).hasSizeGreaterThan(40);
        assertThat(late.stream().mapToDouble(trial -> Math.abs(trial.parameters()[1] - 0.7)).average().orElseThrow()).isLessThan(0.1);
        assertThat(late.stream().mapToDouble(trial -> trial.parameters()[0]).filter(x -> x < 0.3).count()).isPositive();
        assertThat(late.stream().mapToDouble(trial -> trial.parameters()[0]).filter(x -> x > 0.7).count()).isPositive();
    }

    @Test
    void aTenthOfTheCompleteTrialsIsGoodHoweverManyThereAre() {
        List<ParetoTrial> trials = new ArrayList<>();
        for (int number = 0; number < 400; number++) {
            trials.add(ParetoTrial.running(number, new double[] {0}).told(number, 400 - number));
        }
        trials.add(ParetoTrial.running(400, new double[] {0}));
        boolean[] good = MultiObjectiveTpeSampler.good(trials);
        int count = 0;
        for (boolean is : good) {
            count += is ? 1 : 0;
        }
        assertThat(count).isEqualTo(40);
        assertThat(good[400]).isFalse();
    }
}

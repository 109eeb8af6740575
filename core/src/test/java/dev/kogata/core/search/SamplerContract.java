package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every sampler must do; each sampler's test inherits it. */
abstract class SamplerContract {

    private static final List<Parameter> ALL_KINDS = List.of(
            new Parameter.Real("real", -3, 7), new Parameter.Real("stepped", 0.45, 0.55, 0.025, false), new Parameter.Real("log", 1e-5, 1e3, 0, true),
            new Parameter.Whole("whole", 2, 8), new Parameter.Whole("even", -4, 21, 2, false), new Parameter.Whole("log_whole", 1, 1000, 1, true),
            new Parameter.Choice("choice", 3), new Parameter.Choice("only", 1), new Parameter.Real("point", 0.5, 0.5), new Parameter.Whole("one", 5, 5));

    abstract Sampler sampler(List<Parameter> parameters, long seed);

    @Test
    void proposesOnlyValuesThatParametersCanTake() {
        Study study = new Study(sampler(ALL_KINDS, 3), List.of());
        for (int trial = 0; trial < 60; trial++) {
            double[] values = study.ask().parameters();
            for (int p = 0; p < values.length; p++) {
                assertThat(ALL_KINDS.get(p).contains(values[p])).as("trial %d: %s = %s", trial, ALL_KINDS.get(p), values[p]).isTrue();
            }
            study.tell(trial, loss(values));
        }
    }

    @Test
    void reachesBothEndsOfARangeAndEveryStep() {
        List<Parameter> parameters = List.of(new Parameter.Whole("whole", 2, 8), new Parameter.Choice("choice", 4), new Parameter.Real("stepped", 0, 1, 0.25, false));
        Study study = new Study(sampler(parameters, 4), List.of());
        List<List<Double>> seen = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int trial = 0; trial < 120; trial++) {
            double[] values = study.ask().parameters();
            for (int p = 0; p < values.length; p++) {
                seen.get(p).add(values[p]);
            }
            study.tell(trial, 1); // nothing to learn
        }
        assertThat(seen.get(0)).contains(2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
        assertThat(seen.get(1)).contains(0.0, 1.0, 2.0, 3.0);
        assertThat(seen.get(2)).contains(0.0, 0.25, 0.5, 0.75, 1.0);
    }

    @Test
    void sameSeedProposesTheSameAndAnotherSeedDoesNot() {
        List<TrialRecord> first = run(sampler(ALL_KINDS, 11), 40);
        assertThat(values(run(sampler(ALL_KINDS, 11), 40))).isEqualTo(values(first));
        assertThat(values(run(sampler(ALL_KINDS, 12), 40))).isNotEqualTo(values(first));
    }

    @Test
    void goesOnFromAJournalBitForBit() {
        List<TrialRecord> whole = run(sampler(ALL_KINDS, 5), 50);
        for (int killedAt : new int[] {0, 1, 9, 10, 11, 37, 49}) {
            List<TrialRecord> journal = new ArrayList<>(whole.subList(0, killedAt));
            Study resumed = new Study(sampler(ALL_KINDS, 5), journal);
            for (int trial = killedAt; trial < 50; trial++) {
                resumed.tell(trial, loss(resumed.ask().parameters()));
            }
            assertThat(values(resumed.history())).isEqualTo(values(whole));
        }
    }

    @Test
    void dependsOnNeitherTheOrderOfTheHistoryNorOnEarlierQuestions() {
        Sampler used = sampler(ALL_KINDS, 6);
        List<TrialRecord> history = run(used, 30);
        List<TrialRecord> shuffled = new ArrayList<>(history);
        Collections.shuffle(shuffled, new Random(1));
        double[] expected = sampler(ALL_KINDS, 6).ask(30, history);
        assertThat(used.ask(30, shuffled)).isEqualTo(expected);
        used.ask(12, history.subList(0, 12));
        assertThat(used.ask(30, history)).isEqualTo(expected);
    }

    @Test
    void copesWithFailedRunningEqualAndInfiniteTrials() {
        Study study = new Study(sampler(ALL_KINDS, 7), List.of());
        for (int trial = 0; trial < 60; trial++) {
            study.ask();
            double loss = trial % 5 == 0 ? Double.NaN : trial % 5 == 1 ? Double.POSITIVE_INFINITY : 1;
            if (trial % 5 != 2) {
                study.tell(trial, loss);
            }
        }
        assertThat(study.history()).hasSize(60);
    }

    @Test
    void takesOneToAThousandDimensions() {
        for (int dimensions : new int[] {1, 2, 10, 100, 1000}) {
            List<Parameter> parameters = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                parameters.add(switch (d % 3) {
                    case 0 -> new Parameter.Real("r" + d, 0, 1);
                    case 1 -> new Parameter.Whole("w" + d, 0, 5);
                    default -> new Parameter.Choice("c" + d, 3);
                });
            }
            List<TrialRecord> history = run(sampler(parameters, 8), 15);
            assertThat(history).allSatisfy(trial -> {
                double[] values = trial.parameters();
                for (int p = 0; p < values.length; p++) {
                    assertThat(parameters.get(p).contains(values[p])).isTrue();
                }
            });
        }
    }

    static List<TrialRecord> run(Sampler sampler, int trials) {
        Study study = new Study(sampler, List.of());
        for (int trial = 0; trial < trials; trial++) {
            study.tell(trial, loss(study.ask().parameters()));
        }
        return study.history();
    }

    static List<List<Double>> values(List<TrialRecord> history) {
        return history.stream().map(trial -> Arrays.stream(trial.parameters()).boxed().toList()).toList();
    }

    private static double loss(double[] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += (values[i] - 0.3) * (values[i] - 0.3) / (i + 1);
        }
        return sum;
    }
}

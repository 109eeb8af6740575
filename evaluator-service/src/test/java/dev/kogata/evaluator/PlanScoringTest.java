package dev.kogata.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.onnx.sample.Sample;
import dev.kogata.onnx.score.LogitsSource;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Giving up on plans that lose, with logits that are made up: no model is needed for that. */
class PlanScoringTest {

    private static final int VOCABULARY = 3;
    private static final List<Sample> SAMPLES = samples(60);
    private final SampleSets.Prepared set = new SampleSets.Prepared(SAMPLES, sample -> logits(SAMPLES.get(sample), 0));

    @Test
    void givesUpOnlyWhereTheWholeSetIsCertainlyWorseAndSaysWhatIsCertain() {
        double whole = score(1, Double.POSITIVE_INFINITY).quality().kl();
        for (double limit : new double[] {0.1 * whole, 0.5 * whole, 0.9 * whole}) {
            PlanScoring.Scored stopped = score(1, limit);
            assertThat(stopped.stopped()).isTrue();
            assertThat(stopped.quality().kl()).isGreaterThan(limit).isLessThanOrEqualTo(whole);
            assertThat(stopped.quality().conversations()).isLessThan(SAMPLES.size()).isEqualTo(stopped.conversations().size());
        }
        assertThat(score(1, 0.1 * whole).conversations().size()).isLessThan(score(1, 0.9 * whole).conversations().size());
        assertThat(score(1, whole).stopped()).as("not worse than the limit").isFalse();
        assertThat(score(1, whole).quality().kl()).isEqualTo(whole);
    }

    @Test
    void givesTheSameAnswerEveryTimeHoweverManyThreadsMeasure() {
        double whole = score(1, Double.POSITIVE_INFINITY).quality().kl();
        for (int threads = 1; threads <= 4; threads++) {
            assertThat(score(threads, 0.4 * whole).conversations()).isEqualTo(score(1, 0.4 * whole).conversations());
        }
    }

    @Test
    void aPartOfASetIsSpreadEvenlyOverItWithItsOwnReference() {
        SampleSets.Prepared part = set.spread(6);
        assertThat(part.samples()).extracting(Sample::id).containsExactly("0", "10", "20", "30", "40", "50");
        PlanScoring.Scored same = new PlanScoring(part, 1, Double.POSITIVE_INFINITY).score(source(0), () -> { });
        assertThat(same.quality().kl()).as("the dense logits of these samples").isCloseTo(0, within(1e-12));
        assertThat(set.spread(0)).isSameAs(set);
        assertThat(set.spread(99)).isSameAs(set);
    }

    private PlanScoring.Scored score(int threads, double limit) {
        return new PlanScoring(set, threads, limit).score(source(1), () -> { });
    }

    private static LogitsSource source(float shift) {
        return new LogitsSource() {
            @Override
            public int vocabulary() {
                return VOCABULARY;
            }

            @Override
            public List<float[]> answerLogits(List<Sample> batch) {
                return batch.stream().map(sample -> logits(sample, shift)).toList();
            }
        };
    }

    /** Different for every sample; a shift moves one token's. */
    private static float[] logits(Sample sample, float shift) {
        float[] logits = new float[sample.answerPositions().length * VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.sin(i + 7 * Integer.parseInt(sample.id())) + (i % VOCABULARY == 0 ? shift : 0);
        }
        return logits;
    }

    private static List<Sample> samples(int count) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int tokens = 3 + i % 5;
            int[] positions = {1, 2};
            samples.add(new Sample(Integer.toString(i), new long[tokens], FloatBuffer.allocate(0), 0, positions, new int[] {0, 1}, new int[] {0, 0}, List.of(""), List.of("q"),
                    List.of("a"), false));
        }
        return samples;
    }
}

package dev.kogata.core.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class QualityMeterTest {
    private static final float[] DENSE = {0, (float) Math.log(3), 5, 5, 5, 5 + (float) Math.log(2)};      // (3, 2): 1/4 3/4, 1/2 1/2, 1/3 2/3
    private static final float[] EVEN = {1, 1, 0, 0, -7, -7};

    @Test
    void divergenceAndLikelihoodAreThoseOfTheDistributions() {
        assertThat(NextToken.divergence(DENSE, EVEN, 0, 2)).isCloseTo(.25 * Math.log(.5) + .75 * Math.log(1.5), within(1e-7));
        assertThat(NextToken.divergence(DENSE, EVEN, 2, 2)).isZero();
        assertThat(NextToken.negativeLogLikelihood(DENSE, 4, 2, 1)).isCloseTo(-Math.log(2 / 3.), within(1e-7));
        assertThat(NextToken.argmax(EVEN, 0, 2)).as("the first of equals").isZero();
    }

    @Test
    void hugeLogitsDoNotOverflow() {
        float[] huge = {3e38f, -3e38f}, small = {1, 0};
        assertThat(NextToken.negativeLogLikelihood(huge, 0, 2, 0)).isZero();
        assertThat(NextToken.divergence(huge, small, 0, 2)).isCloseTo(Math.log(1 + Math.exp(-1)), within(1e-12));
    }

    @Test
    void logitsThatAreNotFiniteAreTheWorstThereIs() {
        float[] broken = {Float.NaN, 0, Float.POSITIVE_INFINITY, 0, 0, 0};
        ConversationScore score = ConversationScore.of(broken, DENSE, 2, new int[] {0, 0, 1}, new int[] {0, 1, 2}, List.of("", "", ""));
        assertThat(score.turns().get(0).kl()).isInfinite();
        assertThat(score.turns().get(1).kl()).isInfinite();
        assertThat(score.turns().get(0).exact()).isFalse();
        assertThat(score.turns().get(2).kl()).isFinite();
    }

    @Test
    void aTurnIsExactOnlyWithEveryToken() {
        ConversationScore score = ConversationScore.of(DENSE, DENSE, 2, new int[] {1, 0, 0}, new int[] {0, 0, 1}, List.of("count", "digit"));
        assertThat(score.turns()).extracting(TurnScore::exact).containsExactly(true, false);
        assertThat(score.turns()).extracting(TurnScore::tokens).containsExactly(2, 1);
        assertThat(score.kl()).isZero();
    }

    @Test
    void sumsAreOverPositionsAndErrorsOverConversations() {
        QualityMeter meter = new QualityMeter();
        meter.add(new ConversationScore(List.of(new TurnScore("b", true, 1, 2, 1), new TurnScore("a", false, 2, 0, 2))));
        meter.add(new ConversationScore(List.of(new TurnScore("b", true, 0, 4, 1), new TurnScore("", true, 0, 0, 2))));
        Quality quality = meter.quality(1.5);
        assertThat(quality.kl()).isEqualTo(.5);
        assertThat(quality.nll()).isEqualTo(1);
        assertThat(quality.exact()).isEqualTo(.75);
        assertThat(quality.answerTokens()).isEqualTo(6);
        assertThat(quality.tags()).containsExactly(new TagQuality("a", 0, 1, 1), new TagQuality("b", 1, .5, 2));
        // Residuals 3 - 1.5 and 0 - 1.5; sqrt(2 / 1 * 4.5) / 6.
        assertThat(quality.klStandardError()).isCloseTo(.5, within(1e-12));
        assertThat(quality.modalities()).as("nobody said what they hold").isEmpty();
    }

    @Test
    void tellsConversationsWithPicturesFromThoseWithout() {
        QualityMeter meter = new QualityMeter();
        meter.add(new ConversationScore(List.of(new TurnScore("a", true, 1, 2, 1), new TurnScore("b", false, 3, 0, 1))), true);
        meter.add(new ConversationScore(List.of(new TurnScore("a", true, 0, 4, 4))), false);
        assertThat(meter.quality(1).modalities()).containsExactly(new TagQuality("image", .5, 2, 2), new TagQuality("text", 1, 0, 1));
        assertThat(meter.quality(1).conversations()).isEqualTo(2);
    }
}

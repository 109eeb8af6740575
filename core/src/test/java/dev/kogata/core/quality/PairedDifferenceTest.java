package dev.kogata.core.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {

    @Test
    void isTheDifferenceOfMeansWithTheErrorOfWhatDiffersByConversation() {
        PairedDifference difference = PairedDifference.of(new double[] {2, 4, 9}, new double[] {1, 2, 6}, new int[] {1, 1, 1});
        assertThat(difference.difference()).isEqualTo(2);
        // Differences 1, 2, 3: standard deviation 1, of a mean of three 1 / sqrt(3).
        assertThat(difference.standardError()).isCloseTo(1 / Math.sqrt(3), within(1e-12));
        assertThat(difference.standardErrors()).isCloseTo(2 * Math.sqrt(3), within(1e-12));
    }

    @Test
    void tellsApartWhatTwoStandardErrorsAloneCannot() {
        SplittableRandom random = new SplittableRandom(1);
        double[] first = new double[60];
        double[] second = new double[60];
        int[] tokens = new int[60];
        double spread = 0;
        for (int i = 0; i < 60; i++) {
            tokens[i] = 4 + random.nextInt(5);
            double hard = random.nextDouble() * 10 * tokens[i];
            first[i] = hard + 0.5 * tokens[i] + 0.1 * random.nextDouble();
            second[i] = hard;
            spread += Math.abs(hard - 5 * tokens[i]);
        }
        PairedDifference difference = PairedDifference.of(first, second, tokens);
        assertThat(difference.difference()).isCloseTo(0.5, within(0.05));
        assertThat(difference.standardErrors()).isGreaterThan(50);
        assertThat(spread / 60).isGreaterThan(5);
    }

    @Test
    void knowsNothingOfTheSpreadOfASingleConversation() {
        assertThat(PairedDifference.of(new double[] {2}, new double[] {1}, new int[] {4})).isEqualTo(new PairedDifference(0.25, 0));
        assertThat(PairedDifference.of(new double[] {2}, new double[] {1}, new int[] {4}).standardErrors()).isZero();
    }
}

package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ParetoPropertiesTest {

    @Property(tries = 200)
    void aRankIsOneMoreThanTheGreatestThatDominatesIt(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int objectives, @ForAll @IntRange(max = 40) int count) {
        double[][] losses = losses(seed, objectives, count);
        int[] ranks = NonDomination.ranks(losses);
        for (int i = 0; i < count; i++) {
            double[] vector = losses[i];
            int above = IntStream.range(0, count).filter(j -> NonDomination.dominates(losses[j], vector)).map(j -> ranks[j]).max().orElse(-1);
            assertThat(ranks[i]).isEqualTo(above + 1);
        }
    }

    /** Losses are small whole numbers: the volume is the number of unit cubes that a vector dominates. */
    @Property(tries = 200)
    void aVolumeIsTheNumberOfCubesDominated(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int objectives, @ForAll @IntRange(max = 12) int count) {
        double[][] losses = losses(seed, objectives, count);
        double[] reference = new double[objectives];
        Arrays.fill(reference, 4);
        int cubes = 0;
        for (int cube = 0; cube < Math.pow(5, objectives); cube++) {
            int[] corner = new int[objectives];
            for (int k = 0, rest = cube; k < objectives; k++, rest /= 5) {
                corner[k] = rest % 5;
            }
            boolean inside = IntStream.of(corner).allMatch(c -> c < 4);
            cubes += inside && Arrays.stream(losses).anyMatch(v -> IntStream.range(0, objectives).allMatch(k -> v[k] <= corner[k])) ? 1 : 0;
        }
        assertThat(Hypervolume.of(losses, reference)).isCloseTo(cubes, within(1e-9));
    }

    /** Greedy selection adds, at every step, as much as any other vector of the front would. */
    @Property(tries = 100)
    void everySelectedVectorAddsMost(@ForAll long seed, @ForAll @IntRange(min = 2, max = 3) int objectives, @ForAll @IntRange(min = 2, max = 20) int count) {
        double[][] all = losses(seed, objectives, count);
        int[] ranks = NonDomination.ranks(all);
        double[][] front = pick(all, IntStream.range(0, count).filter(i -> ranks[i] == 0).toArray());
        double[] reference = new double[objectives];
        Arrays.fill(reference, 4.5);
        int[] before = {};
        for (int size = 1; size <= Arrays.stream(front).map(Arrays::toString).distinct().count(); size++) {
            int[] selected = HypervolumeSubset.select(front, size, reference);
            assertThat(Arrays.stream(selected).boxed().toList()).hasSize(size).containsAll(Arrays.stream(before).boxed().toList());
            double[][] kept = pick(front, before);
            double most = Arrays.stream(front).mapToDouble(vector -> Hypervolume.of(with(kept, vector), reference)).max().orElseThrow();
            assertThat(Hypervolume.of(pick(front, selected), reference)).isCloseTo(most, within(1e-9));
            before = selected;
        }
    }

    @Test
    void theFrontIsWhatNoTrialDominatesAndLeavesOutWhatIsNotComplete() {
        List<ParetoTrial> history = List.of(trial(2, 1, 3), trial(0, 2, 2), trial(1, 2, 3), trial(3, 2, 2), ParetoTrial.running(4, new double[] {0}),
                ParetoTrial.running(5, new double[] {0}).told(Double.NaN, 0));
        assertThat(ParetoTrial.front(history)).extracting(ParetoTrial::number).containsExactly(0, 2, 3);
    }

    @Test
    void ofEqualGainsTheLexicographicallyFirstIsSelected() {
        assertThat(HypervolumeSubset.select(new double[][] {{2, 0}, {0, 2}}, 1, new double[] {3, 3})).containsExactly(1);
        assertThat(HypervolumeSubset.select(new double[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}}, 1, new double[] {2, 2, 2})).containsExactly(0);
    }

    @Test
    void lossesOfDifferentLengthAreRefused() {
        assertThatThrownBy(() -> NonDomination.ranks(new double[][] {{1, 2}, {1}})).isInstanceOf(IllegalArgumentException.class);
    }

    private static ParetoTrial trial(int number, double... losses) {
        return ParetoTrial.running(number, new double[] {0}).told(losses);
    }

    /** Small whole numbers from 0 to 4, so that ties are common. */
    private static double[][] losses(long seed, int objectives, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).mapToObj(i -> random.ints(objectives, 0, 5).asDoubleStream().toArray()).toArray(double[][]::new);
    }

    private static double[][] pick(double[][] losses, int[] which) {
        return IntStream.of(which).mapToObj(i -> losses[i]).toArray(double[][]::new);
    }

    private static double[][] with(double[][] losses, double[] one) {
        double[][] more = Arrays.copyOf(losses, losses.length + 1);
        more[losses.length] = one;
        return more;
    }
}

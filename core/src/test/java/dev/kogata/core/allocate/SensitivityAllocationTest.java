package dev.kogata.core.allocate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kogata.core.RefusedInput;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SensitivityAllocationTest {

    @Test
    void bytesGoFirstToWhereTheySaveMost() {
        SensitivityCurve steep = new SensitivityCurve("steep", new double[] {10, 20, 30}, new double[] {9, 1, 0.5}, true);
        SensitivityCurve flat = new SensitivityCurve("flat", new double[] {10, 20, 30}, new double[] {2, 1, 0}, true);
        SensitivityAllocation.Plan plan = new SensitivityAllocation(List.of(steep, flat)).minimum(35);
        assertThat(plan.choices()).containsExactly(new SensitivityAllocation.Choice(1, 1, 0), new SensitivityAllocation.Choice(0, 1, 0.5));
        assertThat(plan.loss()).isCloseTo(2.5, within(1e-12));
        assertThat(plan.bytes()).isEqualTo(35);
        assertThat(plan.bound()).isEqualTo(plan.loss());
    }

    @Test
    void aBudgetForEverythingTakesEveryPartsLeastLossAndNotMore() {
        SensitivityCurve noisy = new SensitivityCurve("noisy", new double[] {1, 2, 3}, new double[] {1, 0.1, 0.2}, false);
        SensitivityAllocation.Plan plan = new SensitivityAllocation(List.of(noisy)).minimum(100);
        assertThat(plan.choices()).containsExactly(new SensitivityAllocation.Choice(1, 1, 0));
        assertThat(plan.bytes()).isEqualTo(2);
    }

    @Test
    void theMinimumOfSeparateOptionsIsThatOfTryingAllPlans() {
        SplittableRandom random = new SplittableRandom(9);
        for (int round = 0; round < 400; round++) {
            List<SensitivityCurve> curves = new ArrayList<>();
            double least = 0, most = 0;
            for (int c = 0; c < 5; c++) {
                SensitivityCurve curve = curve(random, false);
                curves.add(curve);
                least += curve.bytes()[0];
                most += curve.bytes()[curve.options() - 1];
            }
            double budget = least + random.nextDouble() * (most - least);
            SensitivityAllocation.Plan plan = new SensitivityAllocation(curves).minimum(budget);
            assertThat(plan.loss()).as("round %d", round).isCloseTo(exhaustive(curves, 0, budget), within(1e-9));
            assertThat(plan.bound()).isCloseTo(plan.loss(), within(1e-9));
            assertThat(plan.bytes()).isLessThanOrEqualTo(budget + 1e-9);
            assertThat(plan.choices()).allMatch(choice -> choice.fraction() == 0);
        }
    }

    @Test
    void fullModelsOfBothKindsAreSolvedToTheirBound() {
        SplittableRandom random = new SplittableRandom(10);
        for (int round = 0; round < 20; round++) {
            List<SensitivityCurve> curves = new ArrayList<>();
            double least = 0, most = 0;
            for (int c = 0; c < 96; c++) {
                SensitivityCurve curve = curve(random, c % 3 == 0);
                curves.add(curve);
                least += curve.bytes()[0];
                most += curve.bytes()[curve.options() - 1];
            }
            double budget = least + random.nextDouble() * (most - least);
            SensitivityAllocation.Plan plan = new SensitivityAllocation(curves).minimum(budget);
            assertThat(plan.bytes()).isLessThanOrEqualTo(budget * (1 + 1e-12));
            assertThat(plan.bound()).isLessThanOrEqualTo(plan.loss());
            assertThat(plan.loss()).isLessThan(plan.bound() * 1.001 + 1e-9);
            for (int c = 0; c < curves.size(); c++) {
                assertThat(curves.get(c).continuous() || plan.choices().get(c).fraction() == 0).isTrue();
            }
        }
    }

    @Test
    void aBudgetBelowTheSmallestPlanIsRefusedWithItsBytes() {
        SensitivityCurve only = new SensitivityCurve("only", new double[] {10, 20}, new double[] {1, 0}, true);
        assertThatThrownBy(() -> new SensitivityAllocation(List.of(only)).minimum(9))
                .isInstanceOfSatisfying(RefusedInput.class, e -> {
                    assertThat(e.reason()).isEqualTo("BUDGET_UNREACHABLE");
                    assertThat(e.metadata()).containsEntry("minimum_bytes", "10");
                });
    }

    @Test
    void curvesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new SensitivityCurve("k", new double[] {2, 1}, new double[] {0, 1}, false)).hasMessageContaining("ascending");
        assertThatThrownBy(() -> new SensitivityCurve("k", new double[] {1}, new double[] {Double.NaN}, false)).hasMessageContaining("finite");
        assertThatThrownBy(() -> new SensitivityCurve("k", new double[0], new double[0], false)).hasMessageContaining("0 sizes");
    }

    private static SensitivityCurve curve(SplittableRandom random, boolean continuous) {
        int options = random.nextInt(1, 7);
        double[] bytes = new double[options], loss = new double[options];
        double size = 1 + random.nextDouble() * 10, height = random.nextDouble() * 5;
        for (int k = 0; k < options; k++) {
            bytes[k] = size;
            loss[k] = Math.max(0, height + 0.1 * random.nextGaussian());
            size += 0.5 + random.nextDouble() * 10;
            height *= random.nextDouble();
        }
        return new SensitivityCurve("part", bytes, loss, continuous);
    }

    private static double exhaustive(List<SensitivityCurve> curves, int c, double budget) {
        if (c == curves.size()) {
            return 0;
        }
        double best = Double.POSITIVE_INFINITY;
        for (int k = 0; k < curves.get(c).options(); k++) {
            if (curves.get(c).bytes()[k] <= budget) {
                best = Math.min(best, curves.get(c).loss()[k] + exhaustive(curves, c + 1, budget - curves.get(c).bytes()[k]));
            }
        }
        return best;
    }
}

package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RefinementTest {

    @Test
    void movesAFewParametersToNeighbouringValuesOnly() {
        List<Parameter> parameters = List.of(new Parameter.Real("real", 0, 1), new Parameter.Whole("bits", 0, 5), new Parameter.Choice("choice", 3),
                new Parameter.Real("log", 1e-3, 1e3, 0, true), new Parameter.Real("stepped", 0, 1, 0.1, false), new Parameter.Whole("one", 4, 4),
                new Parameter.Real("point", 2, 2), new Parameter.Choice("only", 1));
        double[] point = {0, 5, 1, 1, 0.5, 4, 2, 0};
        SplittableRandom random = new SplittableRandom(1);
        Refinement refinement = new Refinement(parameters);
        boolean[] moved = new boolean[point.length];
        for (int round = 0; round < 500; round++) {
            double[] neighbour = refinement.neighbour(point, random);
            int moves = 0;
            for (int p = 0; p < point.length; p++) {
                assertThat(parameters.get(p).contains(neighbour[p])).as("%s = %s", parameters.get(p), neighbour[p]).isTrue();
                moves += neighbour[p] != point[p] ? 1 : 0;
                moved[p] |= neighbour[p] != point[p];
            }
            assertThat(moves).isLessThanOrEqualTo(4);
            assertThat(neighbour[1]).isGreaterThanOrEqualTo(1); // at most four steps away from 5
        }
        assertThat(moved).containsExactly(true, true, true, true, true, false, false, false);
    }
}

package dev.kogata.core.search;

import dev.kogata.core.budget.ModelCost;
import java.util.List;

/** What shares one sparsity in a search. */
public enum Granularity {

    /** All weights of a layer. */
    LAYER,

    /** Every weight has its own. */
    WEIGHT;

    /** By weight, the number of the group it belongs to; groups in order of layers, or of weights. */
    int[] groups(ModelCost cost) {
        List<Integer> layers = cost.weights().stream().map(weight -> weight.layer()).distinct().sorted().toList();
        int[] group = new int[cost.weights().size()];
        for (int i = 0; i < group.length; i++) {
            group[i] = this == WEIGHT ? i : layers.indexOf(cost.weights().get(i).layer());
        }
        return group;
    }
}

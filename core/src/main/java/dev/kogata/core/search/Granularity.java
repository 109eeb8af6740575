package dev.kogata.core.search;

import dev.kogata.core.budget.ModelCost;
import java.util.List;

/** What shares one sparsity in a search. */
public enum Granularity {

    /** All weights of a layer. */
    LAYER,

    /** Every weight has its own. */
    WEIGHT,

    /** Eight blocks of consecutive layers, as the paper has them (arXiv 2507.20613); of equal size but for the first, which has the remainder too. */
    BLOCK;

    /** Blocks of {@link #BLOCK}, where there are as many layers. */
    private static final int BLOCKS = 8;

    /** By weight, the number of the group it belongs to; groups in order of layers, or of weights. */
    int[] groups(ModelCost cost) {
        List<Integer> layers = cost.weights().stream().map(weight -> weight.layer()).distinct().sorted().toList();
        int[] group = new int[cost.weights().size()];
        for (int i = 0; i < group.length; i++) {
            int layer = layers.indexOf(cost.weights().get(i).layer());
            group[i] = switch (this) {
                case LAYER -> layer;
                case WEIGHT -> i;
                case BLOCK -> block(layer, layers.size());
            };
        }
        return group;
    }

    private static int block(int layer, int layers) {
        int size = Math.max(1, layers / BLOCKS);
        int first = layers - size * (Math.min(BLOCKS, layers) - 1);
        return layer < first ? 0 : 1 + (layer - first) / size;
    }
}

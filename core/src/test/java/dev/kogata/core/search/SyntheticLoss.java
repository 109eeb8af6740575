package dev.kogata.core.search;

import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;

/** A loss of the shape that real models show: convex in sparsity, early layers and keys the touchier ones, fourfold less per bit. */
final class SyntheticLoss {

    private SyntheticLoss() {
    }

    static double of(ModelCost cost, ElasticPlan plan) {
        double loss = 0;
        int layers = 1 + cost.weights().get(cost.weights().size() - 1).layer();
        double[] zeros = new double[layers];
        double[] values = new double[layers];
        for (int i = 0; i < plan.weights().size(); i++) {
            int layer = cost.weights().get(i).layer();
            zeros[layer] += cost.sparsity(i, plan.weights().get(i)) * cost.weights().get(i).values();
            values[layer] += cost.weights().get(i).values();
        }
        for (int layer = 0; layer < layers; layer++) {
            double touchy = layer < 2 ? 3 : layer == layers - 1 ? 1.5 : 0.6;
            loss += touchy * 1e-4 * Math.exp(8 * zeros[layer] / values[layer]);
        }
        for (int layer = 0; layer < plan.keyBits().size(); layer++) {
            double touchy = layer < 3 ? 2 : 0.5;
            loss += touchy * noise(plan.keyBits().get(layer)) + 0.1 * touchy * noise(plan.valueBits().get(layer));
        }
        return loss;
    }

    private static double noise(int bits) {
        return bits == 0 ? 0 : Math.pow(4, -bits);
    }
}

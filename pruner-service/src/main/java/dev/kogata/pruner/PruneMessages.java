package dev.kogata.pruner;

import dev.kogata.common.v1.CacheFormat;
import dev.kogata.common.v1.CacheLayerPlan;
import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.ElasticWeightPlan;
import dev.kogata.core.budget.WeightStep;
import dev.kogata.core.prune.PruningMethod;
import dev.kogata.kit.error.KogataException;
import dev.kogata.onnx.bundle.Bundle;
import dev.kogata.onnx.bundle.CacheLayer;
import dev.kogata.onnx.bundle.WeightMatrix;
import dev.kogata.onnx.solve.Repair;
import dev.kogata.pruner.v1.BuildElasticWeightsRequest;
import dev.kogata.pruner.v1.WeightRepair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Messages to what the algorithms take. */
final class PruneMessages {
    private PruneMessages() {}

    /** What ranks weights for a method of a request: where SparseGPT cannot have a bank, Wanda ranks in its place. */
    static PruningMethod ranking(String method) {
        return method.equals("sparsegpt") ? PruningMethod.WANDA : PruningMethod.of(method);
    }

    /** Whether a request is for repaired weights rather than ranked ones. */
    static boolean asksForBank(BuildElasticWeightsRequest request) {
        return request.getMethod().equals("sparsegpt") && request.hasSamples();
    }

    static WeightRepair repair(Repair repair) {
        return WeightRepair.newBuilder().setWeight(repair.weight()).setDamping(repair.damping()).setLoss(repair.loss()).build();
    }

    /** The plan of a message, in the order of the bundle's weights and caches. */
    static dev.kogata.core.budget.ElasticPlan plan(ElasticPlan message, Bundle bundle) {
        Map<String, ElasticWeightPlan> weights = new HashMap<>();
        message.getWeightsList().forEach(w -> weights.put(w.getWeight(), w));
        List<WeightStep> steps = new ArrayList<>();
        for (WeightMatrix weight : bundle.weights()) {
            ElasticWeightPlan step = weights.get(weight.id());
            if (step == null) {
                throw KogataException.invalid("plan", "The plan says nothing about the weight " + weight.id() + ".");
            }
            steps.add(new WeightStep(step.getStep(), step.getRowsAtNextStep()));
        }
        Map<Integer, CacheLayerPlan> layers = new HashMap<>();
        message.getLayersList().forEach(l -> layers.put(l.getLayer(), l));
        List<Integer> keyBits = new ArrayList<>(), valueBits = new ArrayList<>();
        for (CacheLayer layer : bundle.cacheLayers()) {
            CacheLayerPlan widths = layers.getOrDefault(layer.layer(), CacheLayerPlan.getDefaultInstance());
            keyBits.add(widths.getKeyBits());
            valueBits.add(widths.getValueBits());
        }
        return new dev.kogata.core.budget.ElasticPlan(steps, keyBits, valueBits);
    }

    /** Numbers of the layers whose caches are native under a plan. */
    static Set<Integer> nativeLayers(ElasticPlan message) {
        return message.getLayersList().stream().filter(l -> l.getCacheFormat() == CacheFormat.NATIVE).map(CacheLayerPlan::getLayer).collect(Collectors.toSet());
    }
}

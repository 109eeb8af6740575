package dev.kogata.orchestrator.plan;

import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Weight;
import java.util.List;

/** A model as a job sees it that searches the weights of further parts too. Stateless. */
public final class IncludedParts {

    /** What a request can name. */
    public static final List<String> WORDS = List.of("vision_encoder", "projector");

    private IncludedParts() {
    }

    /** The inspection with the weights of these parts among the model's own, and their bytes no longer among the untouched ones. */
    public static Inspection of(Inspection model, List<String> include) {
        List<Weight> asked = model.getIncludableWeightsList().stream().filter(weight -> include.contains(weight.getPart())).toList();
        long bytes = asked.stream().mapToLong(weight -> weight.getRows() * weight.getColumns() * weight.getValueBytes()).sum();
        return model.toBuilder().addAllWeights(asked).setUntouchedBytes(model.getUntouchedBytes() - bytes).clearIncludableWeights()
                .addAllIncludableWeights(model.getIncludableWeightsList().stream().filter(weight -> !asked.contains(weight)).toList()).build();
    }

    /** Whether there is anything of a part to search. */
    public static boolean has(Inspection model, String part) {
        return model.getIncludableWeightsList().stream().anyMatch(weight -> weight.getPart().equals(part)) || model.getWeightsList().stream().anyMatch(weight -> weight.getPart().equals(part));
    }
}

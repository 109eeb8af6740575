package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.v1.Dataset;
import java.util.Map;

/** What a model must have for a job, and a dataset must not have for that model. */
record ModelNeeds(Inspection model) {

    /** @throws KogataException {@code NOTHING_TO_COMPRESS} */
    void check() {
        boolean rewritable = model.getCacheLayersList().stream().anyMatch(l -> l.getWidthsCount() > 1);
        if (!has("decoder")) {
            throw new KogataException(Reason.NOTHING_TO_COMPRESS, "The model has no decoder, so there are no answers to compare, no caches, and no weights that "
                    + "a job prunes; give a bundle with its decoder.", Map.of());
        }
        if (model.getWeightsCount() == 0 && !rewritable) {
            throw new KogataException(Reason.NOTHING_TO_COMPRESS, "The model has no weights that can be pruned and no caches that can be rewritten"
                    + "; inspecting it tells why.", Map.of());
        }
    }

    /** @throws KogataException {@code DATASET_HAS_PICTURES} */
    void check(Dataset dataset) {
        int pictures = dataset.getInspection().getWithImages();
        if (pictures > 0 && !has("vision_encoder")) {
            throw new KogataException(Reason.DATASET_HAS_PICTURES, ("%d conversations of the dataset have pictures, but the model has no vision encoder; "
                    + "give a dataset of text alone.").formatted(pictures), Map.of("pictures", Integer.toString(pictures)));
        }
    }

    private boolean has(String component) {
        return model.getComponentsList().stream().anyMatch(c -> c.getName().equals(component));
    }
}

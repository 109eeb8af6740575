package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.JobRequest;
import java.util.Map;

/** What a model must have for a job, and a dataset must not have for that model. */
record ModelNeeds(Inspection model) {

    /** @throws KogataException {@code NOTHING_TO_COMPRESS} */
    void check() {
        boolean rewritable = model.getCacheLayersList().stream().anyMatch(l -> l.getWidthsCount() > 1);
        if (model.getWeightsCount() == 0 && !rewritable) {
            throw new KogataException(Reason.NOTHING_TO_COMPRESS, "The model has no weights that can be pruned and no caches that can be rewritten"
                    + "; inspecting it tells why.", Map.of());
        }
    }

    /** Refuses parts of which there is nothing to prune, and what is asked of answers where the model gives none. */
    void check(JobRequest request) {
        for (String part : request.getIncludeList()) {
            if (!IncludedParts.has(model, part)) {
                throw KogataException.invalid("include", "The model has no %s with weights that could be pruned; inspecting it tells why. Leave it out of the field include.".formatted(part));
            }
        }
        if (Objective.of(model).answers()) {
            return;
        }
        refuse(request.getThresholds().hasMaxKl(), "thresholds.max_kl", "limits the divergence of answers");
        refuse(request.getThresholds().hasMaxAccuracyLoss(), "thresholds.max_accuracy_loss", "limits the accuracy of answers");
        refuse(request.getPareto(), "pareto", "asks for the front of bytes against the divergence of answers");
    }

    private static void refuse(boolean asked, String field, String does) {
        if (asked) {
            throw KogataException.invalid(field, "The field %s %s, but the model is a vision encoder alone and gives none; leave it out.".formatted(field, does));
        }
    }

    /** @throws KogataException {@code DATASET_HAS_PICTURES}, {@code DATASET_HAS_NO_PICTURES} */
    void check(Dataset dataset) {
        int pictures = dataset.getInspection().getWithImages();
        if (pictures > 0 && !has("vision_encoder")) {
            throw new KogataException(Reason.DATASET_HAS_PICTURES, ("%d conversations of the dataset have pictures, but the model has no vision encoder; "
                    + "give a dataset of text alone.").formatted(pictures), Map.of("pictures", Integer.toString(pictures)));
        }
        if (pictures == 0 && !Objective.of(model).answers()) {
            throw new KogataException(Reason.DATASET_HAS_NO_PICTURES, "The model is a vision encoder alone, and no conversation of the dataset has a picture; "
                    + "give a dataset with pictures.", Map.of());
        }
    }

    private boolean has(String component) {
        return model.getComponentsList().stream().anyMatch(c -> c.getName().equals(component));
    }
}

package dev.kogata.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kogata.common.v1.CacheLayer;
import dev.kogata.common.v1.Component;
import dev.kogata.common.v1.DatasetInspection;
import dev.kogata.common.v1.Inspection;
import dev.kogata.common.v1.Reason;
import dev.kogata.common.v1.Weight;
import dev.kogata.kit.error.KogataException;
import dev.kogata.orchestrator.plan.IncludedParts;
import dev.kogata.orchestrator.v1.Dataset;
import dev.kogata.orchestrator.v1.JobRequest;
import dev.kogata.orchestrator.v1.Thresholds;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is refused before a job is accepted, since no stage of it could succeed. */
class ModelNeedsTest {
    private static final Inspection TEXT_ONLY = Inspection.newBuilder().addComponents(Component.newBuilder().setName("decoder"))
            .addWeights(Weight.getDefaultInstance()).build();

    @Test
    void anEncoderAloneNeedsWeightsAndPicturesAndNothingThatIsAskedOfAnswers() {
        Inspection bare = Inspection.newBuilder().addComponents(Component.newBuilder().setName("vision_encoder")).build();
        assertThat(catchThrowableOfType(KogataException.class, () -> new ModelNeeds(bare).check()).reason()).isEqualTo(Reason.NOTHING_TO_COMPRESS);
        ModelNeeds encoder = new ModelNeeds(bare.toBuilder().addWeights(Weight.getDefaultInstance()).build());
        assertThatCode(encoder::check).doesNotThrowAnyException();
        assertThatCode(() -> encoder.check(dataset(7))).doesNotThrowAnyException();
        KogataException blind = catchThrowableOfType(KogataException.class, () -> encoder.check(dataset(0)));
        assertThat(blind.reason()).isEqualTo(Reason.DATASET_HAS_NO_PICTURES);
        assertThatCode(() -> encoder.check(JobRequest.newBuilder().setThresholds(Thresholds.newBuilder().setMaxLatencyIncrease(0.1)).build())).doesNotThrowAnyException();
        for (JobRequest asked : List.of(JobRequest.newBuilder().setThresholds(Thresholds.newBuilder().setMaxKl(0.1)).build(),
                JobRequest.newBuilder().setThresholds(Thresholds.newBuilder().setMaxAccuracyLoss(0.1)).build(), JobRequest.newBuilder().setPareto(true).build())) {
            KogataException refused = catchThrowableOfType(KogataException.class, () -> encoder.check(asked));
            assertThat(refused.reason()).isEqualTo(Reason.ARGUMENT_INVALID);
            assertThat(refused).hasMessageContaining("vision encoder alone");
            assertThatCode(() -> new ModelNeeds(TEXT_ONLY).check(asked)).as("a decoder answers").doesNotThrowAnyException();
        }
    }

    @Test
    void partsAreIncludedWhereTheyHaveWeightsAndTheirBytesCountOnce() {
        Inspection model = TEXT_ONLY.toBuilder().setUntouchedBytes(1000)
                .addIncludableWeights(Weight.newBuilder().setId("v").setPart("vision_encoder").setRows(4).setColumns(8).setValueBytes(4))
                .addIncludableWeights(Weight.newBuilder().setId("w").setPart("vision_encoder").setRows(2).setColumns(8).setValueBytes(4)).build();
        JobRequest asked = JobRequest.newBuilder().addInclude("vision_encoder").build();
        assertThatCode(() -> new ModelNeeds(model).check(asked)).doesNotThrowAnyException();
        KogataException refused = catchThrowableOfType(KogataException.class, () -> new ModelNeeds(model).check(JobRequest.newBuilder().addInclude("projector").build()));
        assertThat(refused.reason()).isEqualTo(Reason.ARGUMENT_INVALID);
        assertThat(refused).hasMessageContaining("has no projector");
        Inspection included = IncludedParts.of(model, asked.getIncludeList());
        assertThat(included.getWeightsList()).extracting(Weight::getId).containsExactly("", "v", "w");
        assertThat(included.getUntouchedBytes()).isEqualTo(1000 - (4 + 2) * 8 * 4);
        assertThat(IncludedParts.of(model, List.of())).as("nothing asked for, nothing changed").isEqualTo(model);
    }

    @Test
    void aDecoderOfQuantizedPartsHasNothingToCompressButMayHaveCaches() {
        Inspection quantized = TEXT_ONLY.toBuilder().clearWeights().addCacheLayers(CacheLayer.newBuilder().addWidths(0)).build();
        assertThat(catchThrowableOfType(KogataException.class, () -> new ModelNeeds(quantized).check()).reason()).isEqualTo(Reason.NOTHING_TO_COMPRESS);
        Inspection caches = quantized.toBuilder().clearCacheLayers().addCacheLayers(CacheLayer.newBuilder().addAllWidths(List.of(0, 4))).build();
        assertThatCode(() -> new ModelNeeds(caches).check()).doesNotThrowAnyException();
    }

    @Test
    void picturesAreForModelsThatSee() {
        Dataset pictures = dataset(7);
        KogataException refused = catchThrowableOfType(KogataException.class, () -> new ModelNeeds(TEXT_ONLY).check(pictures));
        assertThat(refused.reason()).isEqualTo(Reason.DATASET_HAS_PICTURES);
        assertThat(refused).hasMessageContaining("7 conversations");
        assertThatCode(() -> new ModelNeeds(TEXT_ONLY).check(dataset(0))).doesNotThrowAnyException();
        Inspection seeing = TEXT_ONLY.toBuilder().addComponents(Component.newBuilder().setName("vision_encoder")).build();
        assertThatCode(() -> new ModelNeeds(seeing).check(pictures)).doesNotThrowAnyException();
    }

    private static Dataset dataset(int pictures) {
        return Dataset.newBuilder().setInspection(DatasetInspection.newBuilder().setConversations(10).setWithImages(pictures)).build();
    }
}

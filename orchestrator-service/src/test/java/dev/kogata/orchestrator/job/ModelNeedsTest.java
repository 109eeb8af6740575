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
import dev.kogata.orchestrator.v1.Dataset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is refused before a job is accepted, since no stage of it could succeed. */
class ModelNeedsTest {
    private static final Inspection TEXT_ONLY = Inspection.newBuilder().addComponents(Component.newBuilder().setName("decoder"))
            .addWeights(Weight.getDefaultInstance()).build();

    @Test
    void anEncoderAloneHasNothingToCompress() {
        Inspection encoder = Inspection.newBuilder().addComponents(Component.newBuilder().setName("vision_encoder")).build();
        KogataException refused = catchThrowableOfType(KogataException.class, () -> new ModelNeeds(encoder).check());
        assertThat(refused.reason()).isEqualTo(Reason.NOTHING_TO_COMPRESS);
        assertThat(refused).hasMessageContaining("no decoder");
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

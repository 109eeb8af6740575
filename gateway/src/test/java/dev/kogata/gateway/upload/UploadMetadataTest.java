package dev.kogata.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadMetadataTest {
    @Test
    void readsNamesAndKeepsWhatItDoesNotKnow() {
        UploadMetadata metadata = UploadMetadata.parse("filename b25ueC9tLm9ubng=,is_confidential, other eA==");
        assertThat(metadata.filename()).isEqualTo("onnx/m.onnx");
        assertThat(metadata.header()).contains("is_confidential");
    }

    @Test
    void noHeaderMeansNoMetadata() {
        assertThat(UploadMetadata.parse(null)).isEqualTo(new UploadMetadata("", "", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"filename !", "filename Li4veA== x", "filename eA==,filename eA==", "sha256 eA==", " ,", "filename /w=="})
    void refusesWhatIsMalformed(String header) {
        assertThatThrownBy(() -> UploadMetadata.parse(header)).isInstanceOfSatisfying(KogataException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.ARGUMENT_INVALID));
    }

    @Test
    void refusesNamesThatLeaveTheFolder() {
        assertThatThrownBy(() -> UploadMetadata.parse("filename Li4veA==")).isInstanceOfSatisfying(KogataException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.ARCHIVE_INVALID));
    }
}

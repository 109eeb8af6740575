package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

class ThresholdOptionsTest {

    @ParameterizedTest
    @CsvSource({"1%, 0.01", "0.01, 0.01", "150 %, 1.5", "0, 0", "2, 2"})
    void readsShares(String text, double share) {
        assertThat(new ThresholdOptions.Share().convert(text)).isEqualTo(share);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1%", "little", "1e3", "NaN"})
    void saysHowALimitIsWritten(String text) {
        assertThatThrownBy(() -> new ThresholdOptions.Share().convert(text)).isInstanceOf(TypeConversionException.class).hasMessageContaining("20%");
    }

    @Test
    void asksForWhatWasGivenAndNothingElse() {
        CompressOptions options = new CompressOptions();
        new CommandLine(options).parseArgs("--budget", "50%", "--max-kl", "0.01", "--max-process-memory", "2GiB");
        assertThat(options.request("models/a", "datasets/b", null).get("thresholds")).hasToString("{\"max_kl\":0.01,\"max_process_bytes\":2147483648}");
        CompressOptions none = new CompressOptions();
        new CommandLine(none).parseArgs("--budget", "50%");
        assertThat(none.request("models/a", "datasets/b", null).has("thresholds")).isFalse();
    }
}

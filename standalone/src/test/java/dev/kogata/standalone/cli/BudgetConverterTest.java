package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.core.RefusedInput;
import dev.kogata.core.budget.ByteBudget;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class BudgetConverterTest {
    private final BudgetConverter converter = new BudgetConverter();

    @ParameterizedTest
    @CsvSource({"60%, 0.6", "0.6, 0.6", "12.5 %, 0.125", "100%, 1", "1.0, 1"})
    void readsShares(String text, double ratio) {
        assertThat(converter.convert(text)).isEqualTo(new ByteBudget.Ratio(ratio));
    }

    @ParameterizedTest
    @CsvSource({
        "120MB, 120000000", "120MiB, 125829120", "120mib, 125829120", "1.5kB, 1500", "2 GiB, 2147483648", "1TB, 1000000000000",
        "4096, 4096", "4096B, 4096", "1, 1", "99999999999TB, 9223372036854775807"
    })
    void readsBytes(String text, long bytes) {
        assertThat(converter.convert(text)).isEqualTo(new ByteBudget.Bytes(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "much", "60 percent", "NaN", "Infinity", "1e9", "12iB", "0x10", "%", "MB", "1,5MB"})
    @Tag("hostile-53")
    void saysHowABudgetIsWritten(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("120MiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0%", "0.0", "-5%", "150%", "1.5", "0", "-1", "-3MB", "0.4B"})
    @Tag("hostile-53")
    void refusesWhatNoModelCouldMeet(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOfSatisfying(RefusedInput.class, refused -> assertThat(refused.reason()).isEqualTo("BUDGET_INVALID"));
    }

    @Test
    void aShareOfAPartIsNoNumberOfBytes() {
        assertThat(new ShareConverter().convert("25%")).isEqualTo(0.25);
        assertThatThrownBy(() -> new ShareConverter().convert("25MB")).isInstanceOf(TypeConversionException.class);
    }
}

package dev.kogata.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteCountTest {
    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.00 kB", "9994, 9.99 kB", "14700000, 14.7 MB", "999500, 1.00 MB", "123456789, 123 MB", "7000000000, 7.00 GB"})
    void threeDigitsAndADecimalUnit(long bytes, String text) {
        assertThat(ByteCount.of(bytes)).isEqualTo(text);
    }
}

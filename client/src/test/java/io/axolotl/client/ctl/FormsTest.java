package io.axolotl.client.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.Bytes;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FormsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "1, 1ns",
        "1500, 1.5µs",
        "1460409, 1.460409ms",
        "2000000, 2ms",
        "5000238623, 5.000238623s",
        "90000000000, 1m30s",
        "3600000000000, 1h0m0s"
    })
    void durationsAreWrittenAsGoDoes(long nanos, String text) {
        assertThat(GoDuration.format(nanos)).isEqualTo(text);
        if (nanos > 0) {
            assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofNanos(nanos));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "x", "5x", "s", "-5s", "5s x", "99999999999h"})
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write it as 5s");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "9, 9 B",
        "10, 10 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "24576, 25 kB",
        "999949, 1000 kB",
        "2147483648, 2.1 GB",
        "9223372036854775807, 9.2 EB"
    })
    void sizesAreInPowersOfAThousand(long bytes, String text) {
        assertThat(MemberRows.size(bytes)).isEqualTo(text);
    }

    @Test
    void argumentsAreBytes() {
        String[] arguments = Arguments.ofTexts("é", "a");
        assertThat(arguments[0]).hasSize(2);
        assertThat(Arguments.bytes(arguments[0])).isEqualTo(Bytes.of("é"));
        assertThat(Arguments.of(Bytes.of("a"))).isEqualTo("a");
        assertThat(Arguments.ofProcess("plain", "é")).containsExactly(Arguments.ofTexts("plain", "é"));
    }
}

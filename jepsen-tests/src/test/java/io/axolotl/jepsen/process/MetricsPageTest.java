package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
    private static final MetricsPage PAGE = MetricsPage.parse("""
            # HELP sent bytes sent
            # TYPE sent counter
            sent{To="2f",kind="a \\"b\\""} 12
            sent{To="30",kind="c"} 30.5
            plain 1e3
            buckets_bucket{le="+Inf"} 4
            huge +Inf
            """);

    @Test
    void samplesOfOneNameAddUp() {
        assertThat(PAGE.sum("sent")).isEqualTo(42.5);
        assertThat(PAGE.sum("plain")).isEqualTo(1000);
        assertThat(PAGE.sum("huge")).isInfinite();
        assertThat(PAGE.sum("absent")).isZero();
    }

    @Test
    void samplesCanBeToldApartByALabel() {
        assertThat(PAGE.by("sent", "To")).isEqualTo(Map.of("2f", 12.0, "30", 30.5));
        assertThat(PAGE.by("sent", "absent")).isEmpty();
    }

    @Test
    void brokenPageIsRefused() {
        assertThatThrownBy(() -> MetricsPage.parse("<html>")).hasMessageContaining("<html>");
    }
}

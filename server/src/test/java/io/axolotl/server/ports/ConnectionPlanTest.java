package io.axolotl.server.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A15: clients, scrapers and members together never take the descriptors that the store and the log need. */
class ConnectionPlanTest {
    private static final long GIB = 1L << 30;

    @ParameterizedTest
    @ValueSource(longs = {512, 1_024, 3_000, 4_096, 65_536, 1_048_576, Integer.MAX_VALUE})
    void theStoreAndTheLogHaveTheirFiles(long descriptors) {
        ConnectionPlan plan = ConnectionPlan.of(0, 64 * GIB, descriptors);
        long left = descriptors - plan.clients() - plan.scrapers() - plan.members();
        assertThat(left).isGreaterThanOrEqualTo(Math.min(1_536, descriptors / 2));
        assertThat(plan.clients()).isPositive();
        assertThat(plan.scrapers()).isPositive();
        assertThat(plan.members()).as("seven members, six connections each").isGreaterThanOrEqualTo(42);
    }

    @Test
    void theHeapBoundsWhatDescriptorsAllow() {
        assertThat(ConnectionPlan.of(0, GIB, 1_048_576).clients()).isEqualTo(8_192);
        assertThat(ConnectionPlan.of(0, GIB / 64, 1_048_576).clients()).isEqualTo(1_000);
        assertThat(ConnectionPlan.of(0, 64 * GIB, 1_048_576).clients()).isEqualTo(50_000);
    }

    @Test
    void whatIsAskedForIsGivenOrRefusedInWords() {
        assertThat(ConnectionPlan.of(1_500, GIB, 4_096)).isEqualTo(new ConnectionPlan(1_500, 64, 512));
        assertThat(ConnectionPlan.of(2, GIB, 4_096).scrapers())
                .as("no more than clients")
                .isEqualTo(2);
        assertThatThrownBy(() -> ConnectionPlan.of(10_000, GIB, 4_096))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--max-client-connections=10000 is more than the 1984 that are left of the 4096")
                .hasMessageContaining("ulimit -n");
    }

    @Test
    @DisplayName("as etcd, which refuses to run with 150: a process with too few descriptors does not start")
    void tooFewDescriptorsAreRefusedInWords() {
        assertThatThrownBy(() -> ConnectionPlan.of(0, GIB, 511))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may open 511 files and connections, and needs 512 at least")
                .hasMessageContaining("ulimit -n");
    }
}

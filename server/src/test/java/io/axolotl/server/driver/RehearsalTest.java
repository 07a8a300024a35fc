package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    @DisplayName("every round of the rehearsal ends with the leader it was to have")
    void everyRoundChangesTheLeader() {
        assertThat(Rehearsal.play(20)).isEqualTo(20);
    }
}

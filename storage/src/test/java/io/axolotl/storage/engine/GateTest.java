package io.axolotl.storage.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GateTest {
    private final Gate gate = new Gate("the thing");

    @Test
    @DisplayName("P16 one that could not be shut for its readers can be shut once they have left, by one caller")
    void shutCanBeTriedAgain() {
        gate.enter();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> gate.shut(0)).hasMessageContaining("1 readers have not let go");
        }
        assertThat(gate.tryEnter()).isFalse();
        gate.leave();
        assertThat(gate.shut(0)).as("this caller lets go of the thing").isTrue();
        assertThat(gate.shut(0)).as("nobody lets go of it twice").isFalse();
    }

    @Test
    @DisplayName("P16 who is inside may enter again while it is being shut, and has to leave as often; nobody else may")
    void whoIsInsideMayEnterAgain() {
        assertThatThrownBy(gate::enterAgain).isInstanceOf(AssertionError.class);
        gate.enter();
        assertThatThrownBy(() -> gate.shut(0)).hasMessageContaining("1 readers");
        gate.enterAgain();
        assertThatThrownBy(() -> gate.shut(0)).hasMessageContaining("2 readers");
        gate.leave();
        gate.leave();
        assertThat(gate.shut(0)).isTrue();
        assertThatThrownBy(gate::enterAgain).isInstanceOf(AssertionError.class);
    }
}

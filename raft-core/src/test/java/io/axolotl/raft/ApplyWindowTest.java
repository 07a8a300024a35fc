package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ApplyWindowTest {
    @Test
    @DisplayName(
            "pitfall 62: what was under way when a snapshot replaced the state is not given back to the window later")
    void aSnapshotForgetsWhatWasUnderWay() {
        List<Entry> entries = ScenarioCluster.entries("1.1 1.2");
        ApplyWindow window = new ApplyWindow(0, 1_000);
        window.given(entries);
        assertThat(window.roomBytes()).isLessThan(1_000);
        window.reset(10);
        assertThat(window.roomBytes()).isEqualTo(1_000);
        window.applied(2);
        window.applied(10);
        assertThat(window.roomBytes()).isEqualTo(1_000);
        assertThat(window.appliedIndex()).isEqualTo(10);
    }
}

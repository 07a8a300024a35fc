package io.axolotl.raft.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RaftLogTest {
    private static RaftLog log(String entries, long commitIndex) {
        return new RaftLog(ScenarioCluster.disk(ScenarioCluster.voters("A"), entries), commitIndex, 1 << 20, 1 << 20);
    }

    private static LogSlice slice(EntryId previous, String entries) {
        return new LogSlice(previous, ScenarioCluster.entries(entries));
    }

    @Test
    @DisplayName("pitfall 12: what is committed is never cut, and the log is left as it was")
    void committedEntriesAreNeverCut() {
        RaftLog log = log("1.1 1.2 1.3", 2);
        assertThatThrownBy(() -> log.adopt(slice(new EntryId(1, 1), "2.2")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("2.2")
                .hasMessageContaining("1.2");
        assertThat(log.last()).isEqualTo(new EntryId(1, 3));
        log.adopt(slice(new EntryId(1, 2), "2.3"));
        assertThat(log.last()).isEqualTo(new EntryId(2, 3));
    }

    @Test
    void sliceThatDoesNotMeetTheLogIsRefused() {
        assertThatThrownBy(() -> log("1.1", 0).adopt(slice(new EntryId(1, 2), "1.3")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWhatIsInTheLogIsCommitted() {
        assertThatThrownBy(() -> log("1.1", 0).commitTo(2)).isInstanceOf(AssertionError.class);
    }

    @Test
    void gapsAndFallingTermsAreNotAppended() {
        RaftLog log = log("2.1", 0);
        for (String wrong : List.of("2.3", "1.2", "2.1")) {
            assertThatThrownBy(() -> log.append(ScenarioCluster.entries(wrong).get(0)))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    @DisplayName("pitfall 46: only what is committed and durable may leave the log's front")
    void unsettledEntriesStay() {
        RaftLog log = log("1.1 1.2", 1);
        assertThatThrownBy(() -> log.truncatePrefix(2)).isInstanceOf(IllegalArgumentException.class);
        log.append(ScenarioCluster.entries("1.3").get(0));
        log.commitTo(3);
        assertThatThrownBy(() -> log.truncatePrefix(3)).isInstanceOf(IllegalArgumentException.class);
        log.truncatePrefix(2);
        assertThat(log.previous()).isEqualTo(new EntryId(1, 2));
        assertThat(log.term(2)).as("pitfall 40: the border keeps its term").isEqualTo(1);
        assertThatThrownBy(() -> log.term(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("pitfall 41: a snapshot never takes back what is committed")
    void resetNeverGoesBack() {
        assertThatThrownBy(() -> log("1.1 1.2", 2).reset(new EntryId(1, 1))).isInstanceOf(AssertionError.class);
    }

    @Test
    void slicesAreWellFormed() {
        assertThatThrownBy(() -> slice(EntryId.ZERO, "1.2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> slice(new EntryId(3, 1), "2.2")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> slice(EntryId.ZERO, "1.1 1.3")).isInstanceOf(IllegalArgumentException.class);
        LogSlice slice = slice(new EntryId(1, 1), "1.2 2.3");
        assertThat(slice.last()).isEqualTo(new EntryId(2, 3));
        assertThat(slice.after(2).previous()).isEqualTo(new EntryId(1, 2));
        assertThat(slice.after(3).entries()).isEmpty();
        assertThat(slice.after(1)).isSameAs(slice);
        assertThatThrownBy(() -> slice.after(4)).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.testing.ScenarioCluster;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CommitRuleTest {
    private final RaftLog log =
            new RaftLog(ScenarioCluster.disk(ScenarioCluster.voters("A"), "1.1 2.2 2.3"), 2, 1 << 20, 1 << 20);

    @Test
    @DisplayName("pitfall 7: what a quorum holds is committed by count in its own term alone, and once")
    void onlyNewEntriesOfTheOwnTermAreCommittedByCount() {
        assertThat(CommitRule.commits(3, 2, log)).isTrue();
        assertThat(CommitRule.commits(3, 3, log))
                .as("an entry of an earlier term")
                .isFalse();
        assertThat(CommitRule.commits(2, 2, log)).as("committed already").isFalse();
        assertThat(CommitRule.commits(1, 1, log)).as("long committed").isFalse();
    }
}

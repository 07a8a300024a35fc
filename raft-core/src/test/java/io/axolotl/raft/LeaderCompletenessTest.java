package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leader Completeness, Raft §5.4.3: what is committed is in the log of every later leader. */
class LeaderCompletenessTest {
    @Test
    @DisplayName("Raft §5.4.1: whoever lacks a committed entry cannot win, however often it tries")
    void nodeWithoutACommittedEntryCannotWin() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C", "D", "E").elect("A");
        cluster.cutOff("D").cutOff("E").put("A", "x=1").flow();
        assertThat(cluster.outcome("x=1")).isEqualTo(ScenarioCluster.Outcome.DONE);
        cluster.crash("A").reconnect("D").reconnect("E");
        for (String behind : List.of("D", "E")) {
            cluster.electionTimeoutPasses(behind).flow();
            assertThat(cluster.view(behind).isLeader()).isFalse();
        }
        cluster.timePasses(4 * ScenarioCluster.CONFIG.electionTimeoutNanos());
        for (String name : List.of("B", "C", "D", "E")) {
            assertThat(cluster.hasApplied(name, "x=1")).as("%s has x=1", name).isTrue();
        }
    }

    @Test
    @DisplayName("an acknowledged entry survives any minority that crashes and forgets what it had not synced")
    void acknowledgedEntrySurvivesCrashes() {
        for (List<String> victims :
                List.of(List.of("A", "B"), List.of("A", "E"), List.of("D", "E"), List.of("B", "C"))) {
            ScenarioCluster cluster =
                    ScenarioCluster.of("A", "B", "C", "D", "E").elect("A");
            cluster.put("A", "x=1").flow();
            assertThat(cluster.outcome("x=1")).isEqualTo(ScenarioCluster.Outcome.DONE);
            victims.forEach(cluster::crash);
            cluster.timePasses(4 * ScenarioCluster.CONFIG.electionTimeoutNanos());
            victims.forEach(cluster::restart);
            cluster.timePasses(4 * ScenarioCluster.CONFIG.electionTimeoutNanos());
            cluster.nodes()
                    .forEach(node -> assertThat(cluster.hasApplied(ScenarioCluster.name(node.id()), "x=1"))
                            .as("%s after a crash of %s", node.id(), victims)
                            .isTrue());
        }
    }

    @Test
    @DisplayName("an entry that was acknowledged to nobody may be lost, and then its caller is not told otherwise")
    void unacknowledgedEntryIsUnknown() {
        ScenarioCluster cluster = ScenarioCluster.of("A", "B", "C").elect("A");
        cluster.stallDisk("B").stallDisk("C").put("A", "x=1").flow();
        assertThat(cluster.outcome("x=1")).isEqualTo(ScenarioCluster.Outcome.NOTHING_YET);
        cluster.crash("A");
        assertThat(cluster.outcome("x=1")).isEqualTo(ScenarioCluster.Outcome.UNKNOWN);
    }
}

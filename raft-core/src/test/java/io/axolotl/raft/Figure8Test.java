package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Raft Figure 8, from moment (c) on; S1 to S5 are A to E. */
class Figure8Test {
    private static ScenarioCluster momentC() {
        Membership membership = ScenarioCluster.voters("A", "B", "C", "D", "E");
        TreeMap<NodeId, MemoryDisk> disks = new TreeMap<>();
        String[] logs = {"1.1 2.2", "1.1 2.2", "1.1", "1.1", "1.1 3.2"};
        for (int i = 0; i < logs.length; i++) {
            NodeId id = ScenarioCluster.id(String.valueOf((char) ('A' + i)));
            disks.put(id, new MemoryDisk(new HardState(3, null, 0), membership, ScenarioCluster.entries(logs[i])));
        }
        return new ScenarioCluster(ScenarioCluster.CONFIG, disks)
                .cut("A", "D")
                .cut("A", "E")
                .cut("B", "D")
                .cut("B", "E")
                .cut("C", "E");
    }

    /** Loses what would carry an entry of term 4, so that entries of term 2 have to go alone. */
    private static boolean carriesTermFour(NodeId from, NodeId to, Message message) {
        return message instanceof Message.AppendEntries append
                && append.entries().stream().anyMatch(entry -> entry.term() == 4);
    }

    @Test
    @DisplayName("Figure 8 (d), pitfall 7: an entry of an old term on a majority is not committed, and may go")
    void oldEntryOnAMajorityIsNotCommittedAndIsOverwritten() {
        ScenarioCluster cluster = momentC().losing(Figure8Test::carriesTermFour).elect("A");
        // 2.2 is replicated alone, as if the append had ended there.
        cluster.deliver("A", "B", append(4, "1.1", "2.2")).deliver("A", "C", append(4, "1.1", "2.2"));
        cluster.flow();
        assertThat(cluster.log("A")).isEqualTo("1.1 2.2 4.3");
        assertThat(cluster.log("B")).isEqualTo("1.1 2.2");
        assertThat(cluster.log("C")).isEqualTo("1.1 2.2");
        assertThat(cluster.view("A").peers())
                .filteredOn(peer -> peer.matchIndex() == 2)
                .as("with A itself, 2.2 is durable on three of five")
                .hasSize(2);
        assertThat(cluster.view("A").commitIndex()).isZero();

        cluster.crash("A").reconnectAll().losingNothing();
        electEventually(cluster, "E");
        assertThat(cluster.log("B")).isEqualTo("1.1 3.2 " + cluster.view("E").lastLog());
        assertThat(cluster.log("C")).isEqualTo(cluster.log("B"));
        cluster.restart("A").timePasses(ScenarioCluster.CONFIG.electionTimeoutNanos());
        assertThat(cluster.log("A")).isEqualTo(cluster.log("E"));
    }

    @Test
    @DisplayName("Figure 8 (e): once an entry of the leader's own term is on a majority, the old one is safe with it")
    void oldEntryIsCommittedWithOneOfTheOwnTerm() {
        ScenarioCluster cluster = momentC().elect("A");
        assertThat(cluster.log("C")).isEqualTo("1.1 2.2 4.3");
        assertThat(cluster.view("A").commitIndex()).isEqualTo(3);

        cluster.crash("A").reconnectAll();
        cluster.electionTimeoutPasses("E").flow().electionTimeoutPasses("E").flow();
        assertThat(cluster.view("E").isLeader()).as("B and C know better").isFalse();
        cluster.timePasses(4 * ScenarioCluster.CONFIG.electionTimeoutNanos());
        assertThat(cluster.log("E")).startsWith("1.1 2.2 4.3 ");
    }

    /** E is in an older term than those who have followed A; it learns that by a refusal (pitfall 18). */
    private static void electEventually(ScenarioCluster cluster, String name) {
        cluster.electionTimeoutPasses(name).flow();
        if (!cluster.view(name).isLeader()) {
            cluster.elect(name);
        }
    }

    private static Message.AppendEntries append(long term, String previous, String entries) {
        return new Message.AppendEntries(
                term, ScenarioCluster.entries(previous).get(0).id(), ScenarioCluster.entries(entries), 0, 0, 99);
    }
}

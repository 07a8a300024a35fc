package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Log Matching, Raft §5.3 and Figure 7: whatever the followers' logs are like, a leader makes them equal to its own. */
class LogMatchingTest {
    /** A term in which {@code leader} wrote {@code entries} and got all but the last {@code withheld} of its log to one other node. */
    record Reign(int leader, int entries, int other, int withheld) {}

    @Provide
    Arbitrary<List<Reign>> reigns() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 6))
                .as(Reign::new)
                .list()
                .ofMaxSize(7);
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void leaderMakesEveryLogEqualToItsOwn(
            @ForAll("reigns") List<Reign> reigns, @ForAll @IntRange(min = 1, max = 3) int entriesPerAppend) {
        List<List<EntryId>> logs = history(reigns);
        String best = "A";
        Membership membership = ScenarioCluster.voters("A", "B", "C");
        TreeMap<NodeId, MemoryDisk> disks = new TreeMap<>();
        for (String name : List.of("A", "B", "C")) {
            List<EntryId> log = logs.get(name.charAt(0) - 'A');
            disks.put(
                    ScenarioCluster.id(name),
                    new MemoryDisk(new HardState(20, null, 0), membership, ScenarioCluster.entries(text(log))));
            if (last(log).compareTo(last(logs.get(best.charAt(0) - 'A'))) > 0) {
                best = name;
            }
        }
        RaftConfig c = ScenarioCluster.CONFIG;
        RaftConfig config = new RaftConfig(
                c.heartbeatIntervalNanos(),
                c.electionTimeoutNanos(),
                entriesPerAppend,
                1 << 20,
                2,
                1 << 20,
                1 << 20,
                1 << 20,
                1 << 20,
                true,
                true);
        ScenarioCluster cluster = new ScenarioCluster(config, disks).elect(best);
        cluster.timePasses(c.heartbeatIntervalNanos());
        for (String name : List.of("A", "B", "C")) {
            assertThat(cluster.log(name)).as("log of %s", name).isEqualTo(cluster.log(best));
            assertThat(cluster.view(name).commitIndex())
                    .isEqualTo(cluster.view(best).lastLog().index());
        }
        assertThat(cluster.log(best)).startsWith(text(logs.get(best.charAt(0) - 'A')));
    }

    private static List<List<EntryId>> history(List<Reign> reigns) {
        List<List<EntryId>> logs = new ArrayList<>(List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
        for (int term = 1; term <= reigns.size(); term++) {
            Reign reign = reigns.get(term - 1);
            List<EntryId> leaders = logs.get(reign.leader());
            for (int i = 0; i < reign.entries(); i++) {
                leaders.add(new EntryId(term, leaders.size() + 1));
            }
            if (reign.other() != reign.leader()) {
                int sent = Math.max(0, leaders.size() - reign.withheld());
                List<EntryId> received = new ArrayList<>(leaders.subList(0, sent));
                List<EntryId> old = logs.get(reign.other());
                // A shorter prefix that agrees cuts nothing.
                if (old.size() < sent || !old.subList(0, sent).equals(received)) {
                    logs.set(reign.other(), received);
                }
            }
        }
        return logs;
    }

    private static EntryId last(List<EntryId> log) {
        return log.isEmpty() ? EntryId.ZERO : log.get(log.size() - 1);
    }

    private static String text(List<EntryId> log) {
        return String.join(" ", log.stream().map(EntryId::toString).toList());
    }
}

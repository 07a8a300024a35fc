package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.D;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which membership counts, and from when on: thesis §4.1. */
class MembershipInForceTest {
    private static final Membership THREE = ScenarioCluster.voters("A", "B", "C");
    private static final Membership FOUR = ScenarioCluster.voters("A", "B", "C", "D");
    private static final Entry FOUR_AT_2 = new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, FOUR.encode());

    private static Message.AppendEntries append(long term, long previousTerm, long previousIndex, Entry... entries) {
        return new Message.AppendEntries(term, entryId(previousTerm, previousIndex), List.of(entries), 0, 0, 0);
    }

    @Test
    @DisplayName("pitfall 34: in force when appended, not when committed")
    void inForceWhenAppended() {
        Bench bench = Bench.ofThree("1.1");
        bench.receive(B, append(1, 1, 1, FOUR_AT_2));
        assertThat(bench.view().commitIndex()).isZero();
        assertThat(bench.view().membership()).isEqualTo(FOUR);
        Ready ready = bench.pass(2 * ELECTION);
        assertThat(only(Message.PreVote.class, ready.sendNow())).hasSize(3);
    }

    @Test
    @DisplayName("pitfall 34: rolled back when cut")
    void rolledBackWhenCut() {
        Bench bench = Bench.ofThree("1.1");
        bench.receive(B, append(1, 1, 1, FOUR_AT_2));
        bench.append(C, 2, entryId(1, 1), "2.2", 0);
        assertThat(bench.view().membership()).isEqualTo(THREE);
    }

    @Test
    @DisplayName("pitfall 34: read from the log at start")
    void readFromTheLogAtStart() {
        List<Entry> log = new ArrayList<>(ScenarioCluster.entries("1.1"));
        log.add(FOUR_AT_2);
        Bench bench = new Bench(Bench.CONFIG, new MemoryDisk(new HardState(1, null, 0), THREE, log));
        assertThat(bench.view().membership()).isEqualTo(FOUR);
        bench.append(B, 2, entryId(1, 1), "2.2", 0);
        assertThat(bench.view().membership()).isEqualTo(THREE);
    }

    @Test
    @DisplayName("pitfall 39: a snapshot behind which another membership was appended stores the older one")
    void snapshotStoresTheOlderOne() {
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(B, append(1, 1, 1, FOUR_AT_2));
        bench.persist(ready);
        bench.receive(B, new Message.Heartbeat(1, 1, 0));
        bench.step(new Input.SnapshotTaken(new SnapshotMetadata(entryId(1, 1), THREE)));
        assertThat(bench.view().membership()).isEqualTo(FOUR);
        bench.append(C, 2, entryId(1, 1), "2.2", 0);
        assertThat(bench.view().membership()).as("the base stays").isEqualTo(THREE);
    }

    @Test
    @DisplayName("pitfall 21: whom the newest membership leaves out may still campaign until that is committed")
    void removedNodeMayCampaignUntilItsRemovalIsCommitted() {
        Entry withoutA = new Entry(
                entryId(1, 2),
                Entry.Kind.MEMBERSHIP,
                ScenarioCluster.voters("B", "C").encode());
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(B, append(1, 1, 1, withoutA));
        bench.persist(ready);
        bench.pass(2 * ELECTION);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        bench.receive(B, new Message.PreVoteResponse(2, true));
        assertThat(bench.view().role())
                .as("it does not count itself: one of B and C is no majority of them")
                .isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);

        bench.receive(B, new Message.Heartbeat(1, 2, 0));
        bench.pass(5 * ELECTION);
        assertThat(bench.view().role()).as("committed: it is out").isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("a new voter's vote request is answered even by those who do not know it yet")
    void unknownCandidateGetsVotesByItsLog() {
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(D, new Message.RequestVote(2, entryId(1, 2), false));
        assertThat(only(Message.RequestVoteResponse.class, ready.sendAfterPersist()))
                .containsExactly(new Message.RequestVoteResponse(2, true));
    }
}

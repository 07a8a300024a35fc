package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.D;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.only;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    private static final Membership FOUR = THREE.enter(ScenarioCluster.voters("A", "B", "C", "D"));
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
        Membership two = ScenarioCluster.voters("B", "C");
        Entry leaving =
                new Entry(entryId(1, 2), Entry.Kind.MEMBERSHIP, THREE.enter(two).encode());
        Entry withoutA = new Entry(entryId(1, 3), Entry.Kind.MEMBERSHIP, two.encode());
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(B, append(1, 1, 1, leaving, withoutA));
        bench.persist(ready);
        bench.pass(2 * ELECTION);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);
        bench.receive(B, new Message.PreVoteResponse(2, true));
        assertThat(bench.view().role())
                .as("it does not count itself: one of B and C is no majority of them")
                .isEqualTo(TraceEvent.RoleName.PRE_CANDIDATE);

        bench.receive(B, new Message.Heartbeat(1, 3, 0));
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

    @Test
    @DisplayName("I16: a leader's entry that is no single step from the membership in force stops this node")
    void noStepStopsTheNode() {
        Membership learner = new Membership(
                THREE.voters(),
                THREE.outgoingVoters(),
                ScenarioCluster.voters("E").voters());
        Membership four = ScenarioCluster.voters("A", "B", "C", "D");
        refuses(List.of(), four);
        refuses(List.of(), ScenarioCluster.voters("A", "B").enter(four));
        refuses(List.of(), new Membership(THREE.voters(), THREE.voters(), THREE.learners()));
        refuses(List.of(FOUR), THREE);
        refuses(List.of(FOUR), FOUR);
        refuses(List.of(FOUR), new Membership(four.voters(), THREE.voters(), learner.learners()));
        refuses(List.of(FOUR), ScenarioCluster.voters("A", "B", "C", "E"));
        takes(List.of(FOUR), four);
        takes(List.of(learner), THREE);
        takes(List.of(), learner);
    }

    @Test
    @DisplayName("I16: nor does it start with a log that holds one")
    void noStepIsStartedWith() {
        List<Entry> log = new ArrayList<>(ScenarioCluster.entries("1.1"));
        log.add(brings(2, ScenarioCluster.voters("A", "B", "C", "D")));
        MemoryDisk disk = new MemoryDisk(new HardState(1, null, 0), THREE, log);
        assertThatThrownBy(() -> new Bench(Bench.CONFIG, disk))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("entry 1.2")
                .hasMessageContaining("no single step")
                .hasMessageContaining("remove the member and add it anew");
    }

    @Test
    @DisplayName(
            "I16: what is put in force by a cut of the log or by a snapshot need be no step; what follows it must be")
    void cutsAndSnapshotsAreNoSteps() {
        Bench cut = Bench.ofThree("1.1");
        cut.receive(B, append(1, 1, 1, FOUR_AT_2));
        Membership five = THREE.enter(ScenarioCluster.voters("A", "B", "E"));
        cut.receive(C, append(2, 1, 1, new Entry(entryId(2, 2), Entry.Kind.MEMBERSHIP, five.encode())));
        assertThat(cut.view().membership())
                .as("a step from what was before the cut")
                .isEqualTo(five);

        Bench installed = Bench.ofThree("1.1");
        Membership other = ScenarioCluster.voters("A", "D", "E");
        SnapshotMetadata snapshot = new SnapshotMetadata(entryId(1, 9), other);
        installed.receive(B, new Message.InstallSnapshot(1, snapshot));
        installed.step(new Input.SnapshotInstalled(snapshot));
        assertThat(installed.view().membership()).isEqualTo(other);
        Membership next = other.enter(THREE);
        installed.receive(B, append(1, 1, 9, brings(10, next)));
        assertThat(installed.view().membership()).isEqualTo(next);
    }

    private static Entry brings(long index, Membership membership) {
        return new Entry(entryId(1, index), Entry.Kind.MEMBERSHIP, membership.encode());
    }

    private static Bench after(List<Membership> before) {
        Bench bench = Bench.ofThree("1.1");
        for (int i = 0; i < before.size(); i++) {
            bench.receive(B, append(1, 1, 1 + i, brings(2 + i, before.get(i))));
        }
        return bench;
    }

    private static void takes(List<Membership> before, Membership next) {
        Bench bench = after(before);
        int at = before.size() + 1;
        bench.receive(B, append(1, 1, at, brings(at + 1, next)));
        assertThat(bench.view().membership()).isEqualTo(next);
    }

    private static void refuses(List<Membership> before, Membership next) {
        Bench bench = after(before);
        int at = before.size() + 1;
        assertThatThrownBy(() -> bench.receive(B, append(1, 1, at, brings(at + 1, next))))
                .as("%s after %s", next, before)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("broken invariant: a membership is one legal step from the one before it (I16)")
                .hasMessageContaining("entry " + (at + 1) + " brings " + next);
    }
}

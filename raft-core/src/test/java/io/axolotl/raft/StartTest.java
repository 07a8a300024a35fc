package io.axolotl.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a node makes of what it finds on its disk. */
class StartTest {
    private static final Membership MEMBERSHIP = ScenarioCluster.voters("A", "B", "C");

    private static RaftNode start(HardState hardState, SnapshotMetadata snapshot, MemoryDisk disk, long appliedIndex) {
        return new RaftNode(Bench.A, Bench.CONFIG, m -> m, hardState, snapshot, disk, appliedIndex, 0);
    }

    private static MemoryDisk disk(String log) {
        return ScenarioCluster.disk(MEMBERSHIP, log);
    }

    /** A disk whose log was cut behind a snapshot. */
    private static MemoryDisk compacted(String log, EntryId snapshotLast) {
        MemoryDisk disk = disk(log);
        disk.storeSnapshot(new MemoryDisk.StoredSnapshot(new SnapshotMetadata(snapshotLast, MEMBERSHIP), 0));
        disk.truncatePrefix(snapshotLast.index());
        return disk;
    }

    private static SnapshotMetadata snapshot(long term, long index) {
        return new SnapshotMetadata(new EntryId(term, index), MEMBERSHIP);
    }

    @Test
    @DisplayName("pitfall 5: a log whose term and vote were lost is refused")
    void logWithoutItsTermIsRefused() {
        assertThatThrownBy(() -> start(HardState.INITIAL, snapshot(0, 0), disk("1.1 3.2"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pitfall 5");
    }

    @Test
    @DisplayName("pitfall 5: the term is at least that of the snapshot, and is written before anything rests on it")
    void snapshotLiftsTheTerm() {
        MemoryDisk disk = compacted("1.1 3.2", new EntryId(3, 2));
        RaftNode node = start(HardState.INITIAL, disk.snapshot().metadata(), disk, 2);
        assertThat(node.view().term()).isEqualTo(3);
        assertThat(node.view().votedFor()).isNull();
        assertThat(node.takeReady().hardState()).isEqualTo(new HardState(3, null, 2));
    }

    @Test
    void termAndVoteAreRemembered() {
        RaftNode node = start(new HardState(4, Bench.B, 0), snapshot(0, 0), disk("1.1"), 0);
        assertThat(node.view().term()).isEqualTo(4);
        assertThat(node.view().votedFor()).isEqualTo(Bench.B);
        assertThat(node.hasReady()).isFalse();
    }

    @Test
    @DisplayName("pitfall 17: the commit index starts at what is known, never behind what is applied")
    void commitIndexAfterRestart() {
        assertThat(commitIndex(0, 0)).isZero();
        assertThat(commitIndex(2, 0)).isEqualTo(2);
        assertThat(commitIndex(9, 0)).as("a hint beyond the log").isEqualTo(3);
        assertThat(commitIndex(1, 3)).isEqualTo(3);
    }

    private static long commitIndex(long hint, long appliedIndex) {
        return start(new HardState(1, null, hint), snapshot(0, 0), disk("1.1 1.2 1.3"), appliedIndex)
                .view()
                .commitIndex();
    }

    @Test
    void committedEntriesAreGivenOutAgainFromTheAppliedIndexOn() {
        RaftNode node = start(new HardState(1, null, 3), snapshot(0, 0), disk("1.1 1.2 1.3 1.4"), 1);
        assertThat(Bench.ids(node.takeReady().committed())).isEqualTo("1.2 1.3");
    }

    @Test
    @DisplayName("pitfall 47: a state machine that is older than the log begins is refused")
    void gapBetweenStateAndLogIsRefused() {
        MemoryDisk disk = compacted("1.1 1.2 1.3", new EntryId(1, 2));
        assertThatThrownBy(() -> start(disk.hardState(), disk.snapshot().metadata(), disk, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("applied through 1");
        assertThatThrownBy(() -> start(disk.hardState(), disk.snapshot().metadata(), disk, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("applied through 4");
    }

    @Test
    @DisplayName("pitfall 47: a log that does not meet the snapshot is refused")
    void logThatDoesNotMeetTheSnapshotIsRefused() {
        MemoryDisk disk = disk("1.1 1.2");
        assertThatThrownBy(() -> start(disk.hardState(), snapshot(1, 3), disk, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not meet the snapshot");
        assertThatThrownBy(() -> start(disk.hardState(), snapshot(2, 2), disk, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reset the log");
        MemoryDisk cut = compacted("1.1 1.2 1.3", new EntryId(1, 2));
        assertThatThrownBy(() -> start(cut.hardState(), snapshot(1, 1), cut, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not meet the snapshot");
    }

    /** In which the others speak, if there are any. */
    private static final long SPOKEN = 6 * Bench.HEARTBEAT;

    private static Bench reachable(Membership membership, String log) {
        Bench bench = Bench.of(membership, log);
        bench.step(new Input.Reachable(SPOKEN));
        return bench;
    }

    @Test
    @DisplayName(
            "where a node alone votes it waits no whole timeout, but until whoever leads has had the time to speak")
    void aSoleVoterListensForAMoment() {
        Bench bench = reachable(ScenarioCluster.voters("A"), "");
        bench.persist(bench.pass(SPOKEN - 1));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.persist(bench.jump(1));
        assertThat(bench.view().isLeader()).isTrue();
        assertThat(bench.view().term()).isEqualTo(1);
    }

    @Test
    @DisplayName("pitfall 4: as long as nobody can reach it, it waits as all do")
    void whoCannotBeReachedIsInNoHurry() {
        Bench bench = Bench.of(ScenarioCluster.voters("A"), "");
        bench.pass(Bench.ELECTION - 1);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.step(new Input.Reachable(SPOKEN));
        bench.persist(bench.pass(Bench.ELECTION / 2 + 1));
        assertThat(bench.view().isLeader())
                .as("nor does it wait longer for that")
                .isTrue();
    }

    @Test
    @DisplayName(
            "pitfall 4, D19: a founder whose folder was emptied hears those who joined it since, and leads no second cluster")
    void aFounderThatLostItsDiskFollows() {
        Bench bench = reachable(ScenarioCluster.voters("A"), "");
        bench.pass(SPOKEN - 2);
        for (int i = 0; i < 100; i++) {
            bench.receiveDurably(Bench.B, new Message.Heartbeat(7, 40, i));
            bench.pass(Bench.HEARTBEAT);
            assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        }
        assertThat(bench.view().leader()).isEqualTo(Bench.B);
        assertThat(bench.view().term()).isEqualTo(7);
    }

    @Test
    @DisplayName("pitfall 4: one of those others that asks for a vote just then is given the time to win")
    void aFounderThatLostItsDiskYieldsToACandidate() {
        Bench bench = reachable(ScenarioCluster.voters("A"), "");
        bench.pass(SPOKEN - 2);
        bench.receiveDurably(Bench.B, new Message.RequestVote(7, Bench.entryId(6, 40), false));
        bench.pass(Bench.ELECTION - 1);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName(
            "D8: a sole voter with a log waits as all do: it may be an old copy of a node that others have joined since")
    void aSoleVoterWithALogListensFirst() {
        Bench bench = reachable(ScenarioCluster.voters("A"), "1.1");
        bench.persist(bench.pass(Bench.ELECTION - 1));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("a sole voter with a learner is as soon; one of two voters, or a learner, waits")
    void othersThatVoteAreWaitedFor() {
        Bench withLearner = reachable(new Membership(nodes("A"), nodes(), nodes("B")), "");
        withLearner.persist(withLearner.jump(SPOKEN));
        assertThat(withLearner.view().isLeader()).isTrue();
        for (Membership membership : List.of(
                ScenarioCluster.voters("A", "B"),
                new Membership(nodes("A"), nodes("A", "B"), nodes()),
                new Membership(nodes("B"), nodes(), nodes("A")))) {
            Bench waiting = reachable(membership, "");
            waiting.jump(Bench.ELECTION - 1);
            assertThat(waiting.view().role()).as(membership.toString()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        }
    }

    @Test
    @DisplayName("pitfall 26: a lease that an earlier life supported is waited for, by a sole voter too")
    void aSoleVoterHonoursTheLeaseOfALeaderThatLeft() {
        RaftConfig leases =
                Bench.CONFIG.withAvailability(Availability.standard().withLeaseReads(Bench.ELECTION / 10));
        Bench bench = new Bench(leases, ScenarioCluster.disk(ScenarioCluster.voters("A"), ""));
        bench.step(new Input.Reachable(SPOKEN));
        bench.persist(bench.pass(Bench.ELECTION - 1));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.persist(bench.pass(Bench.HEARTBEAT));
        assertThat(bench.view().isLeader()).isTrue();
    }

    private static NavigableSet<NodeId> nodes(String... names) {
        NavigableSet<NodeId> nodes = new TreeSet<>();
        for (String name : names) {
            nodes.add(Bench.id(name));
        }
        return nodes;
    }
}

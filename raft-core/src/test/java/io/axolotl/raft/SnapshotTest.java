package io.axolotl.raft;

import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.HEARTBEAT;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.ids;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.onlyTo;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Snapshots, sent and received: Raft §7. */
class SnapshotTest {
    private static final Membership THREE = ScenarioCluster.voters("A", "B", "C");

    private static SnapshotMetadata snapshot(long term, long index) {
        return new SnapshotMetadata(entryId(term, index), THREE);
    }

    private static Message.InstallSnapshot install(long messageTerm, long term, long index) {
        return new Message.InstallSnapshot(messageTerm, snapshot(term, index));
    }

    private static Ready finish(Bench bench, SnapshotMetadata snapshot) {
        bench.disk.sync(bench.disk.waitingCount());
        bench.disk.install(new MemoryDisk.StoredSnapshot(snapshot, 0));
        return bench.step(new Input.SnapshotInstalled(snapshot));
    }

    // The receiving side

    @Test
    @DisplayName("Raft §7: a snapshot ahead of the log replaces it, and the answer may leave when that is durable")
    void snapshotReplacesTheLog() {
        Bench bench = Bench.ofThree("1.1 1.2");
        Ready asked = bench.receive(B, install(3, 2, 9));
        assertThat(asked.snapshotToInstall()).isEqualTo(snapshot(2, 9));
        assertThat(bench.node.takeReady().snapshotToInstall()).as("asked once").isNull();
        bench.persist(asked);
        Ready done = finish(bench, snapshot(2, 9));
        assertThat(onlyTo(B, Message.InstallSnapshotResponse.class, done.sendNow()))
                .containsExactly(new Message.InstallSnapshotResponse(3, 9));
        assertThat(bench.view()).satisfies(view -> {
            assertThat(view.lastLog()).isEqualTo(entryId(2, 9));
            assertThat(view.firstLog()).isEqualTo(EntryId.ZERO);
            assertThat(view.commitIndex()).isEqualTo(9);
            assertThat(view.appliedIndex()).isEqualTo(9);
            assertThat(view.durableIndex()).isEqualTo(9);
        });
    }

    @Test
    @DisplayName(
            "pitfall 1: the answer to an install waits until the term that it is given in is durable (seed 66000012)")
    void answerWaitsForItsTerm() {
        Bench bench = Bench.ofThree("1.1 1.2");
        Ready asked = bench.receive(B, install(3, 2, 9));
        bench.persist(asked);
        Ready adopted = bench.heartbeat(C, 4);
        bench.disk.install(new MemoryDisk.StoredSnapshot(snapshot(2, 9), 0));
        Ready done = bench.step(new Input.SnapshotInstalled(snapshot(2, 9)));
        assertThat(only(Message.InstallSnapshotResponse.class, done.sendNow())).isEmpty();
        assertThat(onlyTo(C, Message.InstallSnapshotResponse.class, done.sendAfterPersist()))
                .containsExactly(new Message.InstallSnapshotResponse(4, 9));
        assertThat(adopted.hardState()).isNotNull();
        assertThat(done.persistToken()).as("leaves with the sync of the term").isNotNull();
    }

    @Test
    @DisplayName("pitfall 40: the entry behind the snapshot is checked against the snapshot's own term")
    void boundaryTermIsTheSnapshots() {
        Bench bench = Bench.ofThree("");
        bench.receive(B, install(3, 2, 9));
        finish(bench, snapshot(2, 9));
        Ready accepted = bench.append(B, 3, entryId(2, 9), "3.10", 9);
        assertThat(ids(accepted.entriesToPersist())).isEqualTo("3.10");
        assertThat(only(
                        Message.RequestVoteResponse.class,
                        bench.receive(C, vote(9, entryId(1, 20))).sendNow()))
                .as("its log ends in term 3, a longer one of term 1 is behind")
                .hasSize(1);
    }

    private static Message.RequestVote vote(long term, EntryId last) {
        return new Message.RequestVote(term, last, true);
    }

    @Test
    @DisplayName("pitfall 41: a snapshot at or below the commit index is ignored, and the answer says how far we are")
    void oldSnapshotIsIgnored() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        bench.append(B, 1, entryId(1, 3), "", 2);
        Ready ready = bench.receive(B, install(1, 1, 2));
        assertThat(ready.snapshotToInstall()).isNull();
        assertThat(traced(TraceEvent.SnapshotIgnored.class, ready)).hasSize(1);
        assertThat(only(Message.InstallSnapshotResponse.class, ready.sendNow()))
                .containsExactly(new Message.InstallSnapshotResponse(1, 2));
        assertThat(bench.view().lastLog()).isEqualTo(entryId(1, 3));
    }

    @Test
    @DisplayName("pitfall 41: a snapshot whose last entry we hold only tells what is committed; the tail stays")
    void snapshotOfWhatWeHoldKeepsTheTail() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        Ready ready = bench.receive(B, install(1, 1, 2));
        assertThat(ready.snapshotToInstall()).isNull();
        assertThat(bench.view().commitIndex()).isEqualTo(2);
        assertThat(bench.view().lastLog()).isEqualTo(entryId(1, 3));
        assertThat(ids(ready.committed())).isEqualTo("1.1 1.2");
        assertThat(only(Message.InstallSnapshotResponse.class, ready.sendNow()))
                .containsExactly(new Message.InstallSnapshotResponse(1, 2));
    }

    @Test
    @DisplayName("pitfall 44: an answer that rests on entries which are not synced yet waits for the disk")
    void answerWaitsForUnsyncedEntries() {
        Bench bench = Bench.ofThree("1.1");
        bench.append(B, 1, entryId(1, 1), "1.2", 0);
        Ready ready = bench.receive(B, install(1, 1, 2));
        assertThat(only(Message.InstallSnapshotResponse.class, ready.sendNow())).isEmpty();
        assertThat(only(Message.InstallSnapshotResponse.class, ready.sendAfterPersist()))
                .hasSize(1);
    }

    @Test
    @DisplayName("pitfall 41, 42: a snapshot that our log contradicts replaces all of it, the longer tail included")
    void conflictingLogIsDropped() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3 1.4");
        Ready asked = bench.receive(B, install(3, 2, 3));
        assertThat(asked.snapshotToInstall()).isEqualTo(snapshot(2, 3));
        finish(bench, snapshot(2, 3));
        assertThat(bench.view().lastLog()).isEqualTo(entryId(2, 3));
    }

    @Test
    @DisplayName(
            "pitfall 43, N14: what overtakes a snapshot that is being installed is not appended, committed, applied or campaigned for")
    void installExcludesEverythingElse() {
        Bench bench = Bench.ofThree("1.1 1.2");
        bench.receive(B, install(3, 2, 9));
        Ready append = bench.append(B, 3, entryId(1, 2), "3.3", 3);
        assertThat(append.entriesToPersist()).isEmpty();
        assertThat(append.sendNow()).isEmpty();
        assertThat(append.sendAfterPersist()).isEmpty();
        bench.receive(B, new Message.Heartbeat(3, 2, 0));
        assertThat(bench.view().commitIndex()).isZero();
        bench.pass(5 * ELECTION);
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.receive(B, new Message.TimeoutNow(3));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("pitfall 43: a report of something applied before the install changes nothing")
    void lateApplyReportIsHarmless() {
        Bench bench = Bench.ofThree("1.1 1.2");
        bench.append(B, 1, entryId(1, 2), "", 2);
        bench.receive(B, install(1, 1, 9));
        finish(bench, snapshot(1, 9));
        bench.step(new Input.Applied(2));
        assertThat(bench.view().appliedIndex()).isEqualTo(9);
    }

    @Test
    @DisplayName("pitfall 15: a write from before the install vouches for nothing after it")
    void completionFromBeforeTheInstallVouchesForNothing() {
        Bench bench = Bench.ofThree("1.1");
        Ready before = bench.append(B, 1, entryId(1, 1), "1.2 1.3", 0);
        bench.receive(C, install(2, 2, 2));
        finish(bench, snapshot(2, 2));
        bench.append(C, 2, entryId(2, 2), "2.3 2.4", 0);
        PersistToken token = before.persistToken();
        assertThat(token).isNotNull();
        if (token != null) {
            bench.step(new Input.Persisted(token));
        }
        assertThat(bench.view().durableIndex()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 44: the same snapshot again is the same install; a newer one comes next")
    void newerSnapshotDuringAnInstallComesNext() {
        Bench bench = Bench.ofThree("");
        bench.persist(bench.receive(B, install(3, 2, 9)));
        assertThat(bench.receive(B, install(3, 2, 9)).snapshotToInstall()).isNull();
        assertThat(bench.receive(B, install(3, 2, 20)).snapshotToInstall()).isNull();
        assertThat(bench.receive(B, install(3, 2, 15)).snapshotToInstall()).isNull();
        Ready next = finish(bench, snapshot(2, 9));
        assertThat(next.snapshotToInstall()).isEqualTo(snapshot(2, 20));
        assertThat(only(Message.InstallSnapshotResponse.class, next.sendNow())).isEmpty();
        Ready done = finish(bench, snapshot(2, 20));
        assertThat(only(Message.InstallSnapshotResponse.class, done.sendNow()))
                .containsExactly(new Message.InstallSnapshotResponse(3, 20));
    }

    @Test
    @DisplayName("pitfall 44: the same snapshot again is not installed once more when it is in place")
    void theSameSnapshotIsInstalledOnce() {
        Bench bench = Bench.ofThree("");
        bench.persist(bench.receive(B, install(3, 2, 9)));
        bench.receive(B, install(3, 2, 9));
        Ready done = finish(bench, snapshot(2, 9));
        assertThat(done.snapshotToInstall()).isNull();
        assertThat(only(Message.InstallSnapshotResponse.class, done.sendNow())).hasSize(1);
    }

    @Test
    @DisplayName("Raft §5.1: a deposed leader that offers a snapshot is told the term, and nothing is installed")
    void offerOfADeposedLeaderIsRefused() {
        Ready ready = Bench.ofThree("3.1").receive(B, install(2, 2, 9));
        assertThat(ready.snapshotToInstall()).isNull();
        assertThat(ready.sendNow())
                .extracting(envelope -> envelope.message())
                .containsExactly(new Message.HeartbeatResponse(3, 0, 1));
    }

    @Test
    void installThatWasNotAskedForIsRefused() {
        Bench bench = Bench.ofThree("");
        assertThatThrownBy(() -> bench.step(new Input.SnapshotInstalled(snapshot(1, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        bench.receive(B, install(3, 2, 9));
        assertThatThrownBy(() -> bench.step(new Input.SnapshotInstalled(snapshot(2, 8))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2.9");
    }

    @Test
    @DisplayName("the membership is that of the snapshot")
    void membershipComesFromTheSnapshot() {
        Bench bench = Bench.ofThree("");
        Membership five = ScenarioCluster.voters("A", "B", "C", "D", "E");
        SnapshotMetadata snapshot = new SnapshotMetadata(entryId(2, 9), five);
        bench.receive(B, new Message.InstallSnapshot(3, snapshot));
        finish(bench, snapshot);
        assertThat(bench.view().membership()).isEqualTo(five);
    }

    // The sending side

    /** A leads, its log begins behind 1.3, C has answered heartbeats but has nothing. */
    private static Bench compactedLeader() {
        return compactedLeader(3);
    }

    /** As {@link #compactedLeader()}, but its log was cut through {@code cutIndex} only. */
    private static Bench compactedLeader(long cutIndex) {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        bench.lead();
        bench.accept(B);
        bench.node.takeReady();
        bench.node.step(new Input.Applied(4));
        bench.node.step(new Input.SnapshotTaken(snapshot(1, 3)));
        bench.disk.storeSnapshot(new MemoryDisk.StoredSnapshot(snapshot(1, 3), 0));
        bench.disk.truncatePrefix(cutIndex);
        bench.node.step(new Input.LogTruncated(cutIndex));
        return bench;
    }

    private static Ready refuseAll(Bench bench) {
        return bench.receive(C, new Message.AppendEntriesResponse(2, false, 3, EntryId.ZERO, 0, 0));
    }

    private static NodeView.PeerView peerC(Bench bench) {
        return bench.view().peers().get(1);
    }

    @Test
    @DisplayName("a follower that needs what the log no longer holds is offered the snapshot, once")
    void snapshotIsOffered() {
        Bench bench = compactedLeader();
        Ready offered = refuseAll(bench);
        assertThat(onlyTo(C, Message.InstallSnapshot.class, offered.sendNow()))
                .containsExactly(new Message.InstallSnapshot(2, snapshot(1, 3)));
        assertThat(peerC(bench).state()).isEqualTo("snapshot");
        Ready later = bench.propose("x");
        assertThat(onlyTo(C, Message.AppendEntries.class, later.sendNow())).isEmpty();
        Ready tick = bench.pass(3 * HEARTBEAT);
        assertThat(onlyTo(C, Message.Heartbeat.class, tick.sendNow())).isNotEmpty();
        assertThat(onlyTo(C, Message.InstallSnapshot.class, tick.sendNow())).isEmpty();
    }

    @Test
    @DisplayName("pitfall 44: when the snapshot is in place, entries go on behind it")
    void entriesGoOnBehindTheSnapshot() {
        Bench bench = compactedLeader();
        refuseAll(bench);
        Ready ready = bench.receive(C, new Message.InstallSnapshotResponse(2, 3));
        assertThat(onlyTo(C, Message.AppendEntries.class, ready.sendNow()))
                .singleElement()
                .satisfies(append -> {
                    assertThat(append.previous()).isEqualTo(entryId(1, 3));
                    assertThat(ids(append.entries())).isEqualTo("2.4");
                });
        assertThat(peerC(bench).matchIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("B12: a window that was full when the log was cut is empty behind the snapshot, and catching up ends")
    void theWindowIsEmptyBehindTheSnapshot() {
        RaftConfig tight = new RaftConfig(HEARTBEAT, ELECTION, 2, 1 << 20, 3, 10_000, 1 << 20, 1 << 20, 0, true, true);
        Bench bench = new Bench(tight, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), ""));
        bench.leadAndCommit();
        bench.persist(proposeMany(bench));
        while (bench.view().commitIndex() < 21) {
            bench.accept(B);
            bench.accept(B, Math.min(21, bench.view().commitIndex() + 2));
        }
        assertThat(peerC(bench).inflightAppends()).as("C has answered none").isEqualTo(3);
        bench.node.step(new Input.Applied(21));
        bench.node.step(new Input.SnapshotTaken(snapshot(1, 21)));
        bench.disk.storeSnapshot(new MemoryDisk.StoredSnapshot(snapshot(1, 21), 0));
        bench.disk.truncatePrefix(21);
        bench.node.step(new Input.LogTruncated(21));
        bench.node.step(new Input.PeerUnreachable(C));
        bench.persist(proposeMany(bench));

        bench.receive(C, new Message.HeartbeatResponse(1, 0, 1));
        Ready offered = bench.pass(HEARTBEAT);
        assertThat(onlyTo(C, Message.InstallSnapshot.class, offered.sendNow())).hasSize(1);
        Ready ready = bench.receive(C, new Message.InstallSnapshotResponse(1, 21));
        int rounds = 0;
        while (peerC(bench).matchIndex() < 41) {
            assertThat(rounds++)
                    .as("rounds until entry %s", peerC(bench).matchIndex())
                    .isLessThan(20);
            List<Message.AppendEntries> appends = onlyTo(C, Message.AppendEntries.class, ready.sendNow());
            assertThat(appends).isNotEmpty().hasSizeLessThanOrEqualTo(3);
            for (Message.AppendEntries append : appends) {
                long last = append.previous().index() + append.entries().size();
                ready = bench.receive(
                        C, new Message.AppendEntriesResponse(1, true, last, EntryId.ZERO, 0, append.epoch()));
            }
        }
    }

    private static Ready proposeMany(Bench bench) {
        for (int i = 0; i < 20; i++) {
            bench.node.step(bench.proposal("x" + i));
        }
        return bench.node.takeReady();
    }

    @Test
    @DisplayName("pitfall 44: a lost answer is made up for: whoever has the snapshot says so when asked")
    void lostAnswerIsMadeUpFor() {
        Bench bench = compactedLeader();
        refuseAll(bench);
        assertThat(onlyTo(
                        C,
                        Message.AppendEntries.class,
                        bench.receive(C, new Message.HeartbeatResponse(2, 0, 0)).sendNow()))
                .as("nothing has arrived yet")
                .isEmpty();
        Ready asked = bench.receive(C, new Message.HeartbeatResponse(2, 0, 3));
        Message.AppendEntries question =
                onlyTo(C, Message.AppendEntries.class, asked.sendNow()).get(0);
        assertThat(question.previous()).isEqualTo(entryId(1, 3));
        bench.receive(C, new Message.AppendEntriesResponse(2, false, 3, entryId(1, 2), 0, question.epoch()));
        assertThat(peerC(bench).state())
                .as("a log of the same length is not the same log")
                .isEqualTo("snapshot");
        bench.receive(C, new Message.AppendEntriesResponse(2, true, 3, EntryId.ZERO, 0, question.epoch()));
        assertThat(peerC(bench).state()).isEqualTo("probe");
        assertThat(peerC(bench).matchIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("pitfall 44: a follower that has come by an older snapshot than the offered one goes on with entries")
    void olderSnapshotThatCameInsteadIsFound() {
        Bench bench = compactedLeader(2);
        refuseAll(bench);
        assertThat(peerC(bench).state()).isEqualTo("snapshot");
        Ready asked = bench.receive(C, new Message.HeartbeatResponse(2, 0, 2));
        Message.AppendEntries question =
                onlyTo(C, Message.AppendEntries.class, asked.sendNow()).get(0);
        assertThat(question.previous()).isEqualTo(entryId(1, 2));
        assertThat(question.entries()).isEmpty();
        Ready met = bench.receive(C, new Message.AppendEntriesResponse(2, true, 2, EntryId.ZERO, 0, question.epoch()));
        assertThat(onlyTo(C, Message.AppendEntries.class, met.sendNow()))
                .singleElement()
                .satisfies(append -> {
                    assertThat(append.previous()).isEqualTo(entryId(1, 2));
                    assertThat(ids(append.entries())).startsWith("1.3");
                });
    }

    @Test
    @DisplayName("pitfall 44: an offer that nothing is ever heard of is repeated, and only after a long time")
    void offerWithoutNewsIsRepeated() {
        Bench bench = compactedLeader(3);
        refuseAll(bench);
        int heartbeats = 0;
        boolean isRepeated = false;
        while (!isRepeated && heartbeats < 1_000) {
            heartbeats++;
            List<Message.InstallSnapshot> offers = onlyTo(
                    C, Message.InstallSnapshot.class, bench.pass(HEARTBEAT).sendNow());
            isRepeated = offers.equals(List.of(new Message.InstallSnapshot(2, snapshot(1, 3))));
            assertThat(peerC(bench).state()).isEqualTo("snapshot");
            bench.receive(C, new Message.HeartbeatResponse(2, 0, 1));
        }
        assertThat(isRepeated).isTrue();
        assertThat(heartbeats * HEARTBEAT).isBetween(30 * ELECTION, 32 * ELECTION);
    }

    @Test
    @DisplayName("a snapshot that did not get through is tried again, not before the next heartbeat interval")
    void failedSnapshotIsTriedAgain() {
        for (Input failure : new Input[] {new Input.SnapshotFailed(C), new Input.PeerUnreachable(C)}) {
            Bench bench = compactedLeader();
            refuseAll(bench);
            assertThat(bench.step(failure).sendNow()).isEmpty();
            assertThat(peerC(bench).state()).isEqualTo("probe");
            assertThat(onlyTo(
                            C,
                            Message.InstallSnapshot.class,
                            bench.pass(HEARTBEAT).sendNow()))
                    .hasSize(1);
        }
    }

    @Test
    void lateFailureReportDisturbsNobody() {
        Bench bench = compactedLeader();
        bench.accept(C);
        assertThat(peerC(bench).state()).isEqualTo("replicate");
        bench.step(new Input.SnapshotFailed(C));
        assertThat(peerC(bench).state()).isEqualTo("replicate");
    }

    @Test
    @DisplayName("whoever is silent is not sent a snapshot")
    void silentFollowerIsNotOfferedOne() {
        Bench bench = compactedLeader();
        refuseAll(bench);
        bench.step(new Input.SnapshotFailed(C));
        for (int i = 0; i < 12; i++) {
            bench.pass(HEARTBEAT);
            bench.receive(B, new Message.HeartbeatResponse(2, 0, 4));
        }
        bench.step(new Input.SnapshotFailed(C));
        Ready tick = bench.pass(HEARTBEAT);
        assertThat(peerC(bench).isRecentlyActive()).isFalse();
        assertThat(onlyTo(C, Message.InstallSnapshot.class, tick.sendNow())).isEmpty();
        assertThat(onlyTo(
                        C,
                        Message.InstallSnapshot.class,
                        bench.receive(C, new Message.HeartbeatResponse(2, 0, 0)).sendNow()))
                .hasSize(1);
    }

    // Taking one, and cutting the log

    @Test
    @DisplayName("pitfall 46: the log is not cut behind the newest durable snapshot")
    void logIsNotCutBehindTheSnapshot() {
        Bench bench = compactedLeader();
        assertThatThrownBy(() -> bench.step(new Input.LogTruncated(4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pitfall 46");
    }

    @Test
    @DisplayName("pitfall 46: a snapshot of what was never applied here is refused")
    void snapshotOfTheFutureIsRefused() {
        Bench bench = Bench.ofThree("1.1 1.2");
        assertThatThrownBy(() -> bench.step(new Input.SnapshotTaken(snapshot(1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("never applied");
    }

    @Test
    @DisplayName("pitfall 39: a snapshot stores the membership as of its index")
    void snapshotStoresTheMembershipOfItsIndex() {
        Bench bench = Bench.ofThree("1.1 1.2");
        bench.append(B, 1, entryId(1, 2), "", 2);
        assertThatThrownBy(() -> bench.step(
                        new Input.SnapshotTaken(new SnapshotMetadata(entryId(1, 2), ScenarioCluster.voters("A", "B")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pitfall 39");
    }

    @Test
    @DisplayName("pitfall 43: a snapshot that was begun before an install and ends during it disturbs nobody")
    void snapshotThatEndsDuringAnInstallIsForgotten() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        bench.append(B, 1, entryId(1, 3), "", 3);
        bench.node.step(new Input.Applied(3));
        bench.node.step(new Input.SnapshotTaken(snapshot(1, 1)));
        bench.receive(B, install(3, 2, 9));
        // The disk is ahead of the report: the old log is gone.
        bench.disk.install(new MemoryDisk.StoredSnapshot(snapshot(2, 9), 0));
        bench.step(new Input.SnapshotTaken(snapshot(1, 2)));
        bench.step(new Input.LogTruncated(2));
        assertThat(bench.view().firstLog()).isEqualTo(EntryId.ZERO);
        assertThat(bench.node.logPrevious())
                .as("so that nobody cuts the log on disk either")
                .isEqualTo(EntryId.ZERO);
        bench.step(new Input.SnapshotInstalled(snapshot(2, 9)));
        assertThat(bench.view().lastLog()).isEqualTo(entryId(2, 9));
    }

    @Test
    void oldReportsAboutSnapshotsChangeNothing() {
        Bench bench = compactedLeader();
        bench.step(new Input.SnapshotTaken(snapshot(1, 2)));
        bench.step(new Input.LogTruncated(2));
        assertThat(bench.view().firstLog()).isEqualTo(entryId(2, 4));
    }
}

package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.entryId;
import static io.axolotl.raft.Bench.ids;
import static io.axolotl.raft.Bench.only;
import static io.axolotl.raft.Bench.traced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ScenarioCluster;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a follower takes entries: Raft §5.3. */
class AppendEntriesTest {
    private static Message.AppendEntriesResponse accepted(Ready ready) {
        assertThat(only(Message.AppendEntriesResponse.class, ready.sendNow())).isEmpty();
        return only(Message.AppendEntriesResponse.class, ready.sendAfterPersist())
                .get(0);
    }

    private static Message.AppendEntriesResponse refused(Ready ready) {
        assertThat(only(Message.AppendEntriesResponse.class, ready.sendAfterPersist()))
                .isEmpty();
        return only(Message.AppendEntriesResponse.class, ready.sendNow()).get(0);
    }

    @Test
    @DisplayName("pitfall 9: an acceptance leaves only after the entries are on disk")
    void acceptanceWaitsForTheDisk() {
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.append(B, 1, entryId(1, 1), "1.2 1.3", 0);
        assertThat(ids(ready.entriesToPersist())).isEqualTo("1.2 1.3");
        assertThat(accepted(ready)).isEqualTo(new Message.AppendEntriesResponse(1, true, 3, EntryId.ZERO, 0, 0));
        assertThat(bench.view().durableIndex()).isEqualTo(1);
        bench.persist(ready);
        assertThat(bench.view().durableIndex()).isEqualTo(3);
    }

    @Test
    @DisplayName("an acceptance of what is on disk already waits for nothing")
    void nothingUnsyncedMeansNothingToWaitFor() {
        Bench bench = Bench.ofThree("1.1 1.2");
        Ready ready = bench.append(B, 1, entryId(1, 1), "1.2", 0);
        assertThat(ready.persistToken()).isNull();
        assertThat(only(Message.AppendEntriesResponse.class, ready.sendNow())).hasSize(1);
    }

    @Test
    @DisplayName("an acceptance that rests on an earlier write which is not synced yet waits for that")
    void promiseOnEarlierWriteWaitsToo() {
        Bench bench = Bench.ofThree("1.1");
        Ready first = bench.append(B, 1, entryId(1, 1), "1.2", 0);
        Ready again = bench.append(B, 1, entryId(1, 1), "1.2", 0);
        assertThat(again.entriesToPersist()).isEmpty();
        assertThat(accepted(again).index()).isEqualTo(2);
        assertThat(again.persistToken()).isNotNull();
        bench.persist(first, again);
        assertThat(bench.view().durableIndex()).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 10: a follower acknowledges what the request has proven, not all that it has")
    void acknowledgesNoMoreThanWasChecked() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3 1.4");
        Ready ready = bench.append(B, 2, entryId(1, 1), "1.2", 4);
        assertThat(only(Message.AppendEntriesResponse.class, ready.sendAfterPersist()))
                .singleElement()
                .satisfies(answer -> assertThat(answer.index()).isEqualTo(2));
        assertThat(bench.view().commitIndex()).as("min(leader's commit, 2)").isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 11: a delayed, shorter request cuts nothing")
    void shorterRequestCutsNothing() {
        Bench bench = Bench.ofThree("");
        bench.receiveDurably(
                B, new Message.AppendEntries(1, EntryId.ZERO, ScenarioCluster.entries("1.1 1.2 1.3"), 0, 0, 0));
        Ready ready = bench.append(B, 1, EntryId.ZERO, "1.1", 0);
        assertThat(traced(TraceEvent.SuffixTruncated.class, ready)).isEmpty();
        assertThat(bench.view().lastLog()).isEqualTo(entryId(1, 3));
    }

    @Test
    @DisplayName("Raft §5.3: at the first conflict the leader's log wins, and not before")
    void conflictCutsFromThereOn() {
        Bench bench = Bench.ofThree("1.1 1.2 2.3 2.4");
        Ready ready = bench.append(B, 3, entryId(1, 1), "1.2 3.3", 0);
        assertThat(traced(TraceEvent.SuffixTruncated.class, ready))
                .containsExactly(new TraceEvent.SuffixTruncated(3, 4, entryId(3, 3)));
        assertThat(ids(ready.entriesToPersist())).isEqualTo("3.3");
        assertThat(bench.view().lastLog()).isEqualTo(entryId(3, 3));
        bench.persist(ready);
        assertThat(bench.disk.last()).isEqualTo(entryId(3, 3));
    }

    @Test
    @DisplayName("pitfall 12: a leader that would change what is committed stops this node")
    void committedEntriesAreNeverCut() {
        Bench bench = Bench.ofThree("1.1 1.2");
        bench.append(B, 1, entryId(1, 2), "", 2);
        assertThatThrownBy(() -> bench.append(C, 2, entryId(1, 1), "2.2", 0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("committed");
        Bench other = Bench.ofThree("1.1 1.2");
        other.append(B, 1, entryId(1, 2), "", 2);
        assertThatThrownBy(() -> other.append(C, 3, entryId(2, 2), "2.3", 0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("committed");
    }

    @Test
    @DisplayName("Raft §5.3: a gap before the request is refused, with where our log could meet the leader's")
    void followerRejectsGapBeforeItsLog() {
        Bench bench = Bench.ofThree("1.1 1.2 4.3 4.4");
        assertThat(refused(bench.append(B, 6, entryId(5, 9), "6.10", 0)))
                .isEqualTo(new Message.AppendEntriesResponse(6, false, 9, entryId(4, 4), 0, 0));
        assertThat(refused(bench.append(B, 6, entryId(3, 4), "6.5", 0)).hint())
                .as("no entry of a term above 3 can be common")
                .isEqualTo(entryId(1, 2));
        assertThat(bench.view().leader()).as("a refusal still follows").isEqualTo(B);
    }

    @Test
    @DisplayName("Raft Figure 3: two leaders in one term stop whoever sees them")
    void twoLeadersInOneTermStopTheNode() {
        Bench bench = Bench.ofThree("1.1");
        bench.heartbeat(B, 1);
        assertThatThrownBy(() -> bench.heartbeat(C, 1))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two leaders");
        Bench leader = Bench.ofThree("");
        leader.leadAndCommit();
        assertThatThrownBy(() -> leader.heartbeat(C, 1))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two leaders in term 1: " + A);
    }

    @Test
    @DisplayName("pitfall 14: a heartbeat tells each follower no more than it has acknowledged")
    void heartbeatCommitStaysWithinTheMatch() {
        Bench bench = Bench.ofThree("");
        bench.lead();
        bench.accept(B);
        assertThat(bench.view().commitIndex()).isEqualTo(1);
        Ready ready = bench.pass(Bench.HEARTBEAT);
        assertThat(Bench.onlyTo(B, Message.Heartbeat.class, ready.sendNow())
                        .get(0)
                        .commitIndex())
                .isEqualTo(1);
        assertThat(Bench.onlyTo(C, Message.Heartbeat.class, ready.sendNow())
                        .get(0)
                        .commitIndex())
                .isZero();
    }

    @Test
    @DisplayName("pitfall 14: a commit index beyond our log is about entries that we do not hold")
    void commitBeyondTheLogIsIgnored() {
        Bench bench = Bench.ofThree("1.1");
        Ready ready = bench.receive(B, new Message.Heartbeat(1, 7, 3));
        assertThat(bench.view().commitIndex()).isZero();
        assertThat(only(Message.HeartbeatResponse.class, ready.sendNow()))
                .containsExactly(new Message.HeartbeatResponse(1, 3, 1));
    }

    @Test
    @DisplayName("pitfall 40: a request that begins inside our snapshot is taken from the snapshot's end on")
    void requestThatOverlapsTheSnapshotIsTaken() {
        Bench bench = Bench.ofThree("1.1 1.2 1.3");
        Ready committed = bench.append(B, 1, entryId(1, 3), "", 3);
        assertThat(committed.committed()).hasSize(3);
        bench.node.step(new Input.Applied(3));
        bench.node.step(new Input.SnapshotTaken(
                new SnapshotMetadata(entryId(1, 2), bench.view().membership())));
        bench.disk.truncatePrefix(2);
        bench.node.step(new Input.LogTruncated(2));
        Ready ready = bench.append(B, 1, EntryId.ZERO, "1.1 1.2 1.3 1.4", 3);
        assertThat(ids(ready.entriesToPersist())).isEqualTo("1.4");
        assertThat(accepted(ready).index()).isEqualTo(4);
        Ready old = bench.append(B, 1, EntryId.ZERO, "1.1", 3);
        assertThat(accepted(old).index()).isEqualTo(1);
    }
}

package io.axolotl.raft;

import static io.axolotl.raft.Bench.A;
import static io.axolotl.raft.Bench.B;
import static io.axolotl.raft.Bench.C;
import static io.axolotl.raft.Bench.ELECTION;
import static io.axolotl.raft.Bench.entryId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A node that has lost a part of its log to damage, FAST'18 "protocol-aware recovery". */
@DisplayName("Vote embargo after damage (pitfalls 55, 56; D11, D12)")
class VoteEmbargoTest {
    /** A's log ended in 2.3 before the damage; 1.1 is what is left. The term was raised past the loss. */
    private static Bench damaged(@Nullable EntryId knownLast) {
        MemoryDisk left = ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), "1.1");
        MemoryDisk disk = new MemoryDisk(
                new HardState(3, null, 0), left.snapshot().metadata().membership(), left.entries(1, 2, Long.MAX_VALUE));
        return new Bench(Bench.CONFIG, disk, new VoteEmbargo(2, knownLast));
    }

    private static boolean grantsVote(Bench bench, long term, EntryId candidateLast) {
        Ready ready = bench.receive(B, new Message.RequestVote(term, candidateLast, false));
        bench.persist(ready);
        return ready.sendAfterPersist().stream()
                .map(Envelope::message)
                .anyMatch(message -> message instanceof Message.RequestVoteResponse answer && answer.isGranted());
    }

    private static boolean grantsPreVote(Bench bench, long term, EntryId candidateLast) {
        return bench.receive(B, new Message.PreVote(term, candidateLast)).sendNow().stream()
                .map(Envelope::message)
                .anyMatch(message -> message instanceof Message.PreVoteResponse answer && answer.isGranted());
    }

    private static Message.AppendEntries append(long term, EntryId previous, Entry... entries) {
        return new Message.AppendEntries(term, previous, List.of(entries), 0, 0, 0);
    }

    @Test
    @DisplayName("while it is not known how far the log went, nobody gets a vote, though their log beats what is left")
    void nobodyGetsAVoteWhileTheEndIsUnknown() {
        Bench bench = damaged(null);
        assertThat(grantsPreVote(bench, 4, entryId(2, 9))).isFalse();
        assertThat(grantsVote(bench, 4, entryId(2, 9))).isFalse();
        assertThat(bench.view().term()).as("terms are still learnt").isEqualTo(4);
        assertThat(bench.view().votedFor()).isNull();
    }

    @Test
    @DisplayName("a known end is held against candidates: not what is left, but what was there (Raft §5.4.1)")
    void aKnownEndIsHeldAgainstCandidates() {
        Bench bench = damaged(entryId(2, 3));
        assertThat(grantsPreVote(bench, 4, entryId(2, 2))).isFalse();
        assertThat(grantsVote(bench, 4, entryId(2, 2))).isFalse();
        assertThat(grantsPreVote(bench, 5, entryId(2, 3))).isTrue();
        assertThat(grantsVote(bench, 5, entryId(2, 3))).isTrue();
    }

    @Test
    @DisplayName("it never campaigns, not even when the leader hands over")
    void itNeverCampaigns() {
        Bench bench = damaged(entryId(2, 3));
        assertThat(bench.pass(5 * ELECTION).sendNow()).isEmpty();
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
        bench.receive(C, new Message.Heartbeat(3, 0, 0));
        bench.receive(C, new Message.TimeoutNow(3));
        assertThat(bench.view().role()).isEqualTo(TraceEvent.RoleName.FOLLOWER);
    }

    @Test
    @DisplayName("the leader of the term in which the entries were lost is not followed: it counts them as held here")
    void theLeaderThatCountsTheLostIsNotFollowed() {
        Bench bench = damaged(null);
        Ready ready = bench.receive(C, append(2, entryId(2, 3)));
        assertThat(ready.sendNow())
                .singleElement()
                .satisfies(envelope -> assertThat(envelope.message().term())
                        .as("so that it steps down")
                        .isEqualTo(3));
        assertThat(bench.view().leader()).isNull();
    }

    @Test
    @DisplayName("older entries of a new leader do not lift it; its first own entry does, once that is durable")
    void anEntryOfALaterTermLiftsIt() {
        Bench bench = damaged(null);
        EntryId first = entryId(1, 1);
        bench.receiveDurably(C, append(3, first, command(1, 2), command(2, 3)));
        assertThat(grantsPreVote(afterSilence(bench), 9, entryId(8, 8))).isFalse();

        Ready unsynced = bench.receive(C, append(3, entryId(2, 3), command(3, 4)));
        assertThat(unsynced.trace()).noneMatch(TraceEvent.EmbargoLifted.class::isInstance);
        Ready synced = bench.persist(unsynced);
        assertThat(synced.trace()).contains(new TraceEvent.EmbargoLifted(entryId(3, 4), 2));
        assertThat(grantsPreVote(afterSilence(bench), 9, entryId(8, 8))).isTrue();
    }

    @Test
    @DisplayName("what was made up for before a restart is known at the start")
    void whatWasMadeUpForIsKnownAtTheStart() {
        MemoryDisk disk = ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), "1.1 3.2");
        Bench bench = new Bench(Bench.CONFIG, disk, new VoteEmbargo(2, null));
        assertThat(bench.node.takeReady().trace()).contains(new TraceEvent.EmbargoLifted(entryId(3, 2), 2));
        assertThat(grantsVote(bench, 4, entryId(3, 2))).isTrue();
    }

    @Test
    @DisplayName("a term that was not raised past the loss is refused")
    void aTermThatWasNotRaisedIsRefused() {
        MemoryDisk disk = ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), "1.1 3.2");
        assertThatThrownBy(() -> new Bench(Bench.CONFIG, disk, new VoteEmbargo(3, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("raised");
    }

    private static Bench afterSilence(Bench bench) {
        bench.pass(3 * ELECTION);
        assertThat(bench.view().self()).isEqualTo(A);
        return bench;
    }

    private static Entry command(long term, long index) {
        return new Entry(new EntryId(term, index), Entry.Kind.COMMAND, new byte[] {1});
    }

    @Test
    @DisplayName("a snapshot that ends above the loss lifts it, one that ends below does not")
    void aSnapshotFromAboveLiftsIt() {
        for (long term = 2; term <= 4; term += 2) {
            Bench bench = damaged(null);
            SnapshotMetadata snapshot = new SnapshotMetadata(entryId(term, 9), ScenarioCluster.voters("A", "B", "C"));
            bench.receive(B, new Message.InstallSnapshot(4, snapshot));
            bench.disk.sync(bench.disk.waitingCount());
            bench.disk.install(new MemoryDisk.StoredSnapshot(snapshot, 0));
            Ready done = bench.step(new Input.SnapshotInstalled(snapshot));
            assertThat(Bench.traced(TraceEvent.EmbargoLifted.class, done)).hasSize(term == 4 ? 1 : 0);
            bench.pass(2 * ELECTION);
            assertThat(grantsVote(bench, 9, entryId(4, 20))).isEqualTo(term == 4);
        }
    }
}

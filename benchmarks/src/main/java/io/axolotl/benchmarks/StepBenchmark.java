package io.axolotl.benchmarks;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one entry costs the core of a group of three, from proposal to applied: every step and every {@link Ready}, its sync and its
 * answers pretended to be done at once. {@code batch} is the number of entries that arrive between two {@code Ready}: 1 is no
 * batching. Time and bytes are per entry; the payload itself is shared and costs nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// One thread waits for the compiler's: short warm-ups measure the interpreter.
@Warmup(iterations = 8, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = "-Xmx512m")
public class StepBenchmark {
    private static final int ENTRIES = 256;
    private static final int PAYLOAD_BYTES = 256;
    private static final NodeId SELF = new NodeId(1);
    private static final NodeId LEADER = new NodeId(2);
    private static final List<NodeId> PEERS = List.of(LEADER, new NodeId(3));

    /** Entries between two {@code Ready}. */
    @Param({"1", "16", "256"})
    public int batch;

    private final byte[] payload = new byte[PAYLOAD_BYTES];
    private long proposalId;
    private Core leader = new Core();
    private Core follower = new Core();
    private EntryId followerLast = EntryId.ZERO;

    /** A node, with a disk and peers that do everything at once. */
    private static final class Core {
        private final DurableMarks disk = new DurableMarks();
        private final RaftNode node = new RaftNode(
                SELF,
                RaftConfig.defaults(),
                minimumNanos -> minimumNanos,
                HardState.INITIAL,
                new SnapshotMetadata(EntryId.ZERO, Membership.ofVoters(List.of(SELF, PEERS.get(0), PEERS.get(1)))),
                disk,
                0,
                0);

        void settle() {
            while (node.hasReady()) {
                Ready ready = node.takeReady();
                disk.appended(ready.entriesToPersist());
                if (ready.persistToken() != null) {
                    node.step(new Input.Persisted(ready.persistToken()));
                }
                answer(ready.sendNow());
                answer(ready.sendAfterPersist());
                if (!ready.committed().isEmpty()) {
                    node.step(new Input.Applied(
                            ready.committed().get(ready.committed().size() - 1).index()));
                }
            }
        }

        private void answer(List<Envelope> envelopes) {
            for (Envelope envelope : envelopes) {
                Message message = envelope.message();
                if (message instanceof Message.AppendEntries append) {
                    long through = append.previous().index() + append.entries().size();
                    reply(
                            envelope.to(),
                            new Message.AppendEntriesResponse(
                                    append.term(), true, through, EntryId.ZERO, append.readRound(), append.epoch()));
                } else if (message instanceof Message.PreVote vote) {
                    reply(envelope.to(), new Message.PreVoteResponse(vote.term(), true));
                } else if (message instanceof Message.RequestVote vote) {
                    reply(envelope.to(), new Message.RequestVoteResponse(vote.term(), true));
                }
            }
        }

        private void reply(NodeId from, Message message) {
            node.step(new Input.Receive(from, message));
        }
    }

    /** Elects the leader, and gives the follower one. */
    @Setup
    public void settle() {
        leader = new Core();
        long timeout = RaftConfig.defaults().electionTimeoutNanos();
        leader.node.step(new Input.Tick(timeout / 2));
        leader.node.step(new Input.Tick(timeout + 1));
        leader.settle();
        if (leader.node.view().commitIndex() != 1) {
            throw new IllegalStateException("no leader: " + leader.node.view());
        }
        follower = new Core();
        followerLast = EntryId.ZERO;
    }

    /** Proposed, appended, replicated to two, committed, applied. */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public long leader() {
        for (int from = 0; from < ENTRIES; from += batch) {
            for (int i = 0; i < batch; i++) {
                leader.node.step(new Input.Propose(proposalId++, payload));
            }
            leader.settle();
        }
        return leader.disk.last().index();
    }

    /** Received, appended, answered, committed by what comes next, applied. The entries themselves are made here and count. */
    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public long follower() {
        for (int from = 0; from < ENTRIES; from += batch) {
            List<Entry> entries = new ArrayList<>(batch);
            EntryId previous = followerLast;
            for (int i = 1; i <= batch; i++) {
                entries.add(new Entry(new EntryId(1, previous.index() + i), Entry.Kind.COMMAND, payload));
            }
            followerLast = entries.get(batch - 1).id();
            follower.reply(
                    LEADER, new Message.AppendEntries(1, previous, entries, previous.index(), 0, 0));
            follower.settle();
        }
        return follower.disk.last().index();
    }
}

package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.MemoryDisk;
import io.axolotl.raft.testing.ScenarioCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One node, A, whose peers are played by the test: one input, one {@link Ready}. */
final class Bench {
    static final RaftConfig CONFIG = RaftConfig.defaults();
    static final long ELECTION = CONFIG.electionTimeoutNanos();
    static final long HEARTBEAT = CONFIG.heartbeatIntervalNanos();
    static final NodeId A = id("A");
    static final NodeId B = id("B");
    static final NodeId C = id("C");
    static final NodeId D = id("D");
    static final NodeId E = id("E");

    final MemoryDisk disk;
    final RaftNode node;
    final List<Long> timeoutDraws = new ArrayList<>();
    private long nowNanos;
    private long proposalId = 1;

    Bench(RaftConfig config, MemoryDisk disk) {
        this(config, disk, null);
    }

    Bench(RaftConfig config, MemoryDisk disk, @Nullable VoteEmbargo embargo) {
        this.disk = disk;
        node = new RaftNode(
                A,
                config,
                minimum -> {
                    timeoutDraws.add(minimum);
                    return minimum + minimum / 2;
                },
                disk.hardState(),
                disk.snapshot().metadata(),
                disk,
                disk.snapshot().metadata().last().index(),
                embargo,
                0);
    }

    /** A, B and C, with a log like "1.1 1.2" on A's disk. */
    static Bench ofThree(String log) {
        return new Bench(CONFIG, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C"), log));
    }

    static Bench ofFive(String log) {
        return new Bench(CONFIG, ScenarioCluster.disk(ScenarioCluster.voters("A", "B", "C", "D", "E"), log));
    }

    static Bench of(Membership membership, String log) {
        return new Bench(CONFIG, ScenarioCluster.disk(membership, log));
    }

    static NodeId id(String name) {
        return ScenarioCluster.id(name);
    }

    static EntryId entryId(long term, long index) {
        return new EntryId(term, index);
    }

    NodeView view() {
        return node.view();
    }

    /** Steps an input and takes what follows; nothing of it is written yet. */
    Ready step(Input input) {
        node.step(input);
        return node.takeReady();
    }

    Ready receive(NodeId from, Message message) {
        return step(new Input.Receive(from, message));
    }

    /** The disk has done what these asked for, in this order. */
    Ready persist(Ready... readies) {
        for (Ready ready : readies) {
            disk.write(ready);
        }
        PersistToken token = disk.sync(disk.waitingCount()).token();
        return token == null ? node.takeReady() : step(new Input.Persisted(token));
    }

    /** As {@link #receive}, and all that follows is durable at once. Returns both Readies. */
    List<Ready> receiveDurably(NodeId from, Message message) {
        Ready first = receive(from, message);
        return List.of(first, persist(first));
    }

    /** Time passes in small steps. */
    Ready pass(long nanos) {
        for (long passed = 0; passed < nanos; passed += HEARTBEAT / 2) {
            nowNanos += Math.min(HEARTBEAT / 2, nanos - passed);
            node.step(new Input.Tick(nowNanos));
        }
        return node.takeReady();
    }

    long nowNanos() {
        return nowNanos;
    }

    /** It is later, but deadlines are not judged yet. */
    void tell(long nanos) {
        nowNanos += nanos;
        node.step(new Input.Clock(nowNanos));
    }

    /** Time has passed at once, as after a pause. */
    Ready jump(long nanos) {
        nowNanos += nanos;
        return step(new Input.Tick(nowNanos));
    }

    /** Runs until A asks for pre-votes. */
    Ready becomePreCandidate() {
        return pass(2 * ELECTION);
    }

    /** Runs until A has asked for votes, its own on disk. */
    Ready becomeCandidate() {
        becomePreCandidate();
        Ready ready = receive(B, new Message.PreVoteResponse(view().term() + 1, true));
        for (NodeId other : List.of(C, D)) {
            if (view().role() == TraceEvent.RoleName.PRE_CANDIDATE) {
                ready = receive(other, new Message.PreVoteResponse(view().term() + 1, true));
            }
        }
        persist(ready);
        return ready;
    }

    /** Runs until A leads, its first entry on its own disk and sent to nobody's. */
    Ready lead() {
        becomeCandidate();
        Ready ready = receive(B, new Message.RequestVoteResponse(view().term(), true));
        for (NodeId other : List.of(C, D)) {
            if (!view().isLeader()) {
                ready = receive(other, new Message.RequestVoteResponse(view().term(), true));
            }
        }
        persist(ready);
        return ready;
    }

    /** As {@link #lead}, and B and C have all of A's log, and it is committed. */
    void leadAndCommit() {
        lead();
        accept(B);
        accept(C);
        node.step(new Input.Applied(view().commitIndex()));
    }

    /** {@code peer} accepts all that A has. */
    Ready accept(NodeId peer) {
        return accept(peer, view().lastLog().index());
    }

    /** {@code peer} accepts through {@code index}, in the first epoch. */
    Ready accept(NodeId peer, long index) {
        return receive(peer, new Message.AppendEntriesResponse(view().term(), true, index, EntryId.ZERO, 0, 0));
    }

    Ready propose(String command) {
        return step(proposal(command));
    }

    Input.Propose proposal(String command) {
        return new Input.Propose(proposalId++, command.getBytes(StandardCharsets.UTF_8));
    }

    Ready heartbeat(NodeId leader, long term) {
        return receive(leader, new Message.Heartbeat(term, 0, 0));
    }

    Ready append(NodeId leader, long term, EntryId previous, String entries, long commitIndex) {
        return receive(
                leader, new Message.AppendEntries(term, previous, ScenarioCluster.entries(entries), commitIndex, 0, 0));
    }

    /** The ids of the log in memory and on disk, as if read by a peer. */
    static String ids(List<Entry> entries) {
        return String.join(
                " ", entries.stream().map(entry -> entry.id().toString()).toList());
    }

    /** The messages of one type in a list, whoever they are for. */
    static <M extends Message> List<M> only(Class<M> type, List<Envelope> envelopes) {
        return envelopes.stream()
                .map(Envelope::message)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static <M extends Message> List<M> onlyTo(NodeId to, Class<M> type, List<Envelope> envelopes) {
        return only(
                type, envelopes.stream().filter(each -> each.to().equals(to)).toList());
    }

    static <T extends TraceEvent> List<T> traced(Class<T> type, Ready... readies) {
        return Stream.of(readies)
                .flatMap(ready -> ready.trace().stream())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}

package io.axolotl.jepsen.simulation;

import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.AppendEntriesResponse;
import io.axolotl.server.api.EtcdError;
import io.axolotl.server.peer.Forward;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.DecodedCommand;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.Wal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Bends what passes between a node's core, its driver, its peers and its clients, as a {@link PlantedBug} demands; lets all
 * through if none is planted. So a bug is what the code around would have done wrong, and no production class has a switch.
 *
 * <p>Confined to the simulation's thread; dies with its process.
 */
final class Saboteur {
    /** A client's write in this node's log. */
    private record Appended(long term, NodeProcess.Call call) {}

    private final NodeProcess process;
    private final SimulatedNode machine;
    private final PlantedBug bug;
    private final Wal wal;
    private final CommitBender bender;

    private @Nullable PersistToken newestGiven;
    private final Set<PersistToken> heldUp = new HashSet<>();
    private long lastGiven;
    private final Map<Long, NodeProcess.Call> proposing = new TreeMap<>();
    private final TreeMap<Long, Appended> appended = new TreeMap<>();
    private boolean wasLeader;
    private long vouchedIndex;
    private long cutIndex;
    private long confirmedIndex;

    /** When a heartbeat was answered last, and of which term it was. */
    private long heardNanos;

    /** The newest read round that a node has asked for in each term that it led. */
    private final Map<NodeId, NavigableMap<Long, Long>> heardRounds = new TreeMap<>();

    private long heardTerm;

    Saboteur(NodeProcess process, SimulatedNode machine, Wal wal) {
        this.process = process;
        this.machine = machine;
        this.bug = machine.bug();
        this.wal = wal;
        this.lastGiven = wal.last().index();
        this.bender = new CommitBender(machine.bootstrap(), machine.id(), wal);
    }

    private boolean has(PlantedBug other) {
        return bug == other;
    }

    // ---- into the core ----

    @Nullable Input stepping(Input input) {
        if (has(PlantedBug.NONE)) {
            return input;
        }
        if (input instanceof Input.Persisted persisted) {
            return has(PlantedBug.TOKEN_BY_INDEX) && !isHeldUp(persisted.token())
                    ? null
                    : new Input.Persisted(bent(persisted.token()));
        }
        if (input instanceof Input.Receive receive) {
            Message bent = bentOnArrival(receive.message());
            return bent == null ? null : new Input.Receive(receive.from(), bent);
        }
        if (input instanceof Input.Propose propose) {
            NodeProcess.Call call = process.calls().get(Proposals.operationOf(propose.payload()));
            if (call != null) {
                proposing.put(propose.proposalId(), call);
            }
        }
        return input;
    }

    /** That the core is told late is no bug in itself, but makes it likely that the log is another one by then. */
    private boolean isHeldUp(PersistToken token) {
        if (heldUp.remove(token)) {
            return true;
        }
        machine.after(process, machine.raftConfig().electionTimeoutNanos() / 2, () -> {
            heldUp.add(token);
            process.offer(new Input.Persisted(token));
        });
        return false;
    }

    /** @return null if it gets lost */
    private @Nullable Message bentOnArrival(Message message) {
        EntryId last = wal.last();
        switch (bug) {
            case LONGEST_LOG_WINS -> {
                if (message instanceof Message.RequestVote vote && vote.last().index() >= last.index()) {
                    return new Message.RequestVote(vote.term(), atLeast(vote.last()), vote.isTransfer());
                }
                if (message instanceof Message.PreVote vote && vote.last().index() >= last.index()) {
                    return new Message.PreVote(vote.term(), atLeast(vote.last()), vote.isEarly());
                }
            }
            case ANY_LOG_WINS -> {
                if (message instanceof Message.RequestVote vote) {
                    return new Message.RequestVote(vote.term(), process.view().lastLog(), vote.isTransfer());
                }
                if (message instanceof Message.PreVote vote) {
                    return new Message.PreVote(vote.term(), process.view().lastLog(), vote.isEarly());
                }
            }
            case PREVIOUS_UNCHECKED -> {
                if (message instanceof Message.AppendEntries append
                        && append.previous().index() > wal.previous().index()
                        && append.previous().index() <= last.index()) {
                    EntryId ours = new EntryId(
                            wal.term(append.previous().index()),
                            append.previous().index());
                    return new Message.AppendEntries(
                            append.term(),
                            ours,
                            append.entries(),
                            append.commitIndex(),
                            append.readRound(),
                            append.epoch());
                }
            }
            case REJECTION_LOST -> {
                if (message instanceof AppendEntriesResponse response && !response.isAccepted()) {
                    return null;
                }
            }
            case SNAPSHOT_WITHOUT_END -> {
                if (message instanceof Message.InstallSnapshotResponse) {
                    return null;
                }
                if (message instanceof Message.HeartbeatResponse answer) {
                    return new Message.HeartbeatResponse(answer.term(), answer.readRound(), 0, answer.reluctance());
                }
            }
            case NOBODY_PRE_VOTES -> {
                if (message instanceof Message.PreVote && process.view().term() > 1) {
                    return null;
                }
            }
            case MEMBERSHIP_OF_BEFORE_SNAPSHOT -> {
                if (message instanceof Message.InstallSnapshot install) {
                    return new Message.InstallSnapshot(
                            install.term(),
                            new SnapshotMetadata(
                                    install.snapshot().last(), process.view().membership()));
                }
            }
            default -> {}
        }
        return message;
    }

    private EntryId atLeast(EntryId candidates) {
        return new EntryId(Math.max(candidates.term(), wal.last().term()), candidates.index());
    }

    private PersistToken bent(PersistToken token) {
        PersistToken newest = newestGiven;
        if (newest == null) {
            return token;
        }
        if (has(PlantedBug.NEWEST_TOKEN)) {
            return newest;
        }
        if (!has(PlantedBug.TOKEN_BY_INDEX)) {
            return token;
        }
        EntryId last = newest.lastEntry().index() < token.lastEntry().index() ? newest.lastEntry() : token.lastEntry();
        return new PersistToken(newest.logEpoch(), token.term(), token.votedFor(), last);
    }

    void received(NodeId from, Message message) {
        if (has(PlantedBug.NONE)) {
            return;
        }
        NodeView view = process.view();
        bender.received(from, message, view.term());
        if (message instanceof Message.HeartbeatResponse answer) {
            heardTerm = answer.term();
            heardNanos = machine.clockNanos();
        }
        if (message instanceof Message.Heartbeat heartbeat) {
            heardRounds
                    .computeIfAbsent(from, leader -> new TreeMap<>())
                    .merge(heartbeat.term(), heartbeat.readRound(), Math::max);
        }
        if (has(PlantedBug.LEARNER_COUNTED) && message instanceof AppendEntriesResponse) {
            Membership membership = view.membership();
            NodeId voter = membership.voters().first();
            if (membership.isLearner(from) && !voter.equals(machine.id())) {
                process.offer(new Input.Receive(voter, message));
            }
        }
    }

    // ---- out of the core ----

    Ready took(Ready given, NodeView view) {
        if (has(PlantedBug.NONE)) {
            return given;
        }
        if (given.persistToken() != null) {
            newestGiven = given.persistToken();
        }
        boolean ledBefore = wasLeader;
        noteProposals(given, view);
        if (has(PlantedBug.JOINT_LEFT_EARLY)) {
            vouchForThoseLeft(view);
        }
        Ready ready = given;
        switch (bug) {
            case SEND_BEFORE_SYNC -> {
                given.sendAfterPersist().forEach(process::dispatch);
                ready = with(given, given.entriesToPersist(), List.of(), given.committed());
            }
            case PERSISTED_BEFORE_SYNC -> {
                if (given.persistToken() != null) {
                    process.offer(new Input.Persisted(given.persistToken()));
                }
            }
            case LOST_TRUNCATION -> {
                long last = lastGiven;
                ready = with(
                        given,
                        given.entriesToPersist().stream()
                                .filter(entry -> entry.index() > last)
                                .toList(),
                        given.sendAfterPersist(),
                        given.committed());
            }
            case READ_BEFORE_APPLY, READ_OF_EARLIER_ROUND, REFUSED_READ_SERVED, LEASE_NOT_LOOKED_AT_AGAIN ->
                ready = withReads(given, view);
            case LOCAL_CLOCK_IN_APPLY ->
                ready = with(given, given.entriesToPersist(), given.sendAfterPersist(), stamped(given.committed()));
            case LOG_RESET_FIRST -> {
                if (given.snapshotToInstall() != null) {
                    process.emptyLog(given.snapshotToInstall());
                }
            }
            case LOST_AT_STEP_DOWN -> {
                if (ledBefore && !view.isLeader()) {
                    ready = with(given, given.entriesToPersist(), given.sendAfterPersist(), List.of());
                }
            }
            case NON_DETERMINISTIC_APPLY ->
                ready = with(given, given.entriesToPersist(), given.sendAfterPersist(), bent(given.committed()));
            case SESSION_FORGOTTEN ->
                ready = with(given, given.entriesToPersist(), given.sendAfterPersist(), unnumbered(given.committed()));
            case INSTALL_WITHOUT_STATE -> {
                if (given.snapshotToInstall() != null) {
                    process.resetLogOnly(given.snapshotToInstall());
                    ready = withoutInstall(given);
                }
            }
            default -> {}
        }
        if (!given.entriesToPersist().isEmpty()) {
            List<Entry> entries = given.entriesToPersist();
            lastGiven = entries.get(entries.size() - 1).index();
        }
        return ready;
    }

    private static Ready with(Ready ready, List<Entry> entries, List<Envelope> after, List<Entry> committed) {
        return new Ready(
                ready.hardState(),
                entries,
                ready.snapshotToInstall(),
                ready.persistToken(),
                ready.sendNow(),
                after,
                committed,
                ready.readStates(),
                ready.proposalOutcomes(),
                ready.trace());
    }

    private static Ready withoutInstall(Ready ready) {
        return new Ready(
                ready.hardState(),
                ready.entriesToPersist(),
                null,
                ready.persistToken(),
                ready.sendNow(),
                ready.sendAfterPersist(),
                ready.committed(),
                ready.readStates(),
                ready.proposalOutcomes(),
                ready.trace());
    }

    private Ready withReads(Ready ready, NodeView view) {
        List<ReadState> reads = new ArrayList<>();
        for (ReadState state : ready.readStates()) {
            reads.add(bent(state, view));
        }
        return new Ready(
                ready.hardState(),
                ready.entriesToPersist(),
                ready.snapshotToInstall(),
                ready.persistToken(),
                ready.sendNow(),
                ready.sendAfterPersist(),
                ready.committed(),
                reads,
                ready.proposalOutcomes(),
                ready.trace());
    }

    private ReadState bent(ReadState state, NodeView view) {
        if (has(PlantedBug.READ_BEFORE_APPLY) && state instanceof ReadState.Confirmed at) {
            return new ReadState.Confirmed(at.readId(), 0);
        }
        if (has(PlantedBug.READ_OF_EARLIER_ROUND) && state instanceof ReadState.Confirmed at) {
            long earlier = confirmedIndex;
            confirmedIndex = at.index();
            return new ReadState.Confirmed(at.readId(), Math.min(at.index(), earlier));
        }
        if (has(PlantedBug.REFUSED_READ_SERVED) && state instanceof ReadState.Refused refused) {
            return new ReadState.Confirmed(refused.readId(), view.commitIndex());
        }
        if (has(PlantedBug.LEASE_NOT_LOOKED_AT_AGAIN) && state instanceof ReadState.Leased leased) {
            return new ReadState.Confirmed(leased.readId(), leased.index());
        }
        return state;
    }

    /** As if each member wrote its own time into what is put. */
    private List<Entry> stamped(List<Entry> committed) {
        List<Entry> stamped = new ArrayList<>();
        for (Entry entry : committed) {
            boolean isPut = entry.kind() == Entry.Kind.COMMAND
                    && CommandCodec.decode(entry.payload()).command() instanceof Command.Put;
            if (isPut) {
                byte[] payload = entry.payload().clone();
                payload[payload.length - 1] ^= (byte) (machine.clockNanos() >>> 20 & 1);
                stamped.add(new Entry(entry.id(), entry.kind(), payload));
            } else {
                stamped.add(entry);
            }
        }
        return stamped;
    }

    /** As if no client had said which of its calls it makes. */
    private static List<Entry> unnumbered(List<Entry> committed) {
        List<Entry> unnumbered = new ArrayList<>();
        for (Entry entry : committed) {
            byte[] payload = entry.payload();
            if (entry.kind() == Entry.Kind.COMMAND) {
                DecodedCommand decoded = CommandCodec.decode(payload);
                Caller nameless = decoded.caller().making(null);
                payload = CommandCodec.encode(decoded.requestId(), nameless, decoded.command());
            }
            unnumbered.add(new Entry(entry.id(), entry.kind(), payload));
        }
        return unnumbered;
    }

    /** On the first node some puts end in another character. */
    private List<Entry> bent(List<Entry> committed) {
        if (machine.id().value() != 1) {
            return committed;
        }
        List<Entry> bent = new ArrayList<>();
        for (Entry entry : committed) {
            boolean isPut = entry.kind() == Entry.Kind.COMMAND
                    && CommandCodec.decode(entry.payload()).command() instanceof Command.Put;
            if (isPut && entry.index() % 10 == 0) {
                byte[] payload = entry.payload().clone();
                payload[payload.length - 1] ^= 1;
                bent.add(new Entry(entry.id(), entry.kind(), payload));
            } else {
                bent.add(entry);
            }
        }
        return bent;
    }

    Envelope sending(Envelope envelope, NodeView view) {
        Message message = envelope.message();
        switch (bug) {
            case COMMIT_OLD_TERM -> {
                return bender.bend(envelope, view);
            }
            case VOTES_TWICE -> {
                if (message instanceof Message.RequestVoteResponse vote && vote.term() == view.term()) {
                    return new Envelope(envelope.to(), new Message.RequestVoteResponse(vote.term(), true));
                }
            }
            case ACKNOWLEDGES_TOO_MUCH -> {
                if (message instanceof AppendEntriesResponse response
                        && response.isAccepted()
                        && view.lastLog().index() > response.index()) {
                    return new Envelope(
                            envelope.to(),
                            new AppendEntriesResponse(
                                    response.term(),
                                    true,
                                    response.index() + 1,
                                    response.hint(),
                                    response.readRound(),
                                    response.epoch()));
                }
            }
            case ROUND_OF_ANOTHER_TERM -> {
                if (message instanceof Message.HeartbeatResponse answer && heardRounds.containsKey(envelope.to())) {
                    long ofEarlierTerms = heardRounds.get(envelope.to()).headMap(answer.term()).values().stream()
                            .mapToLong(Long::longValue)
                            .max()
                            .orElse(0);
                    return new Envelope(
                            envelope.to(),
                            new Message.HeartbeatResponse(
                                    answer.term(),
                                    Math.max(answer.readRound(), ofEarlierTerms),
                                    answer.lastIndex(),
                                    answer.reluctance()));
                }
            }
            case COMMIT_BEYOND_MATCH -> {
                if (message instanceof Message.Heartbeat heartbeat && view.isLeader()) {
                    return new Envelope(
                            envelope.to(),
                            new Message.Heartbeat(heartbeat.term(), view.commitIndex(), heartbeat.readRound()));
                }
            }
            default -> {}
        }
        return envelope;
    }

    /** How often something is sent that must arrive once at most. */
    int copies() {
        return has(PlantedBug.FORWARD_REPEATED) ? 2 : 1;
    }

    /** A forward as its receiver sees it. */
    Forward arriving(Forward forward) {
        return has(PlantedBug.FORWARD_OF_ANY_TERM)
                ? new Forward(process.view().term(), forward.numbers(), forward.payloads())
                : forward;
    }

    /** As if nobody asked the old majority whether it has the joint membership. */
    private void vouchForThoseLeft(NodeView view) {
        Membership joint = view.membership();
        if (!view.isLeader() || !joint.isJoint() || view.membershipIndex() == vouchedIndex) {
            return;
        }
        vouchedIndex = view.membershipIndex();
        for (NodeId leaving : joint.outgoingVoters()) {
            if (!joint.voters().contains(leaving) && !leaving.equals(machine.id())) {
                process.offer(new Input.Receive(
                        leaving, new AppendEntriesResponse(view.term(), true, vouchedIndex, EntryId.ZERO, 0, 0)));
            }
        }
    }

    // ---- clients ----

    private void noteProposals(Ready ready, NodeView view) {
        for (ProposalOutcome outcome : ready.proposalOutcomes()) {
            NodeProcess.Call call = proposing.remove(outcome.proposalId());
            if (call == null || !(outcome instanceof ProposalOutcome.Appended done)) {
                continue;
            }
            if (has(PlantedBug.ACKNOWLEDGED_ON_APPEND)) {
                acknowledge(call, process.store().revision() + 1);
            } else {
                appended.put(done.id().index(), new Appended(done.id().term(), call));
            }
        }
        if (has(PlantedBug.UNKNOWN_AS_REFUSED) && wasLeader && !view.isLeader()) {
            appended.values().forEach(each -> {
                if (process.calls().remove(each.call.operation().id()) != null) {
                    each.call.sink().reply(Reply.Failed.of(EtcdError.TOO_MANY_REQUESTS));
                }
            });
            appended.clear();
        }
        wasLeader = view.isLeader();
        for (Entry entry : ready.committed()) {
            Appended at = appended.remove(entry.index());
            if (at != null && has(PlantedBug.MATCH_BY_INDEX_ONLY) && at.term != entry.term()) {
                acknowledge(at.call, process.store().revision() + 1);
            }
        }
    }

    private void acknowledge(NodeProcess.Call call, long revision) {
        if (process.calls().remove(call.operation().id()) != null) {
            machine.acknowledgeBlindly(call.operation(), call.sink(), revision);
        }
    }

    /** Whether a call has been answered here, without asking the node. */
    boolean answers(NodeProcess.Call call) {
        if (has(PlantedBug.NONE) || !call.operation().kind().isRead()) {
            return false;
        }
        boolean isAnswered =
                (has(PlantedBug.READ_WITHOUT_QUORUM) && process.view().isLeader())
                        || (has(PlantedBug.LEASE_OF_ONE_ANSWER) && isLedAsFarAsAnybodySays());
        if (isAnswered) {
            process.answerRead(call);
        }
        return isAnswered;
    }

    private boolean isLedAsFarAsAnybodySays() {
        NodeView view = process.view();
        RaftConfig config = machine.raftConfig();
        return config.availability().isLeaseReads()
                && view.isLeader()
                && view.commitIndex() <= process.appliedIndex()
                && wal.term(view.commitIndex()) == view.term()
                && heardTerm == view.term()
                && machine.clockNanos() - heardNanos
                        < config.electionTimeoutNanos() - config.availability().leaseDriftNanos();
    }

    // ---- the state ----

    /** A run of entries was applied. */
    void applied(KvStateMachine store) {
        long index = store.applied().index();
        if (has(PlantedBug.LOG_CUT_BEFORE_FLUSH)
                && index - cutIndex >= machine.settings().snapshotEvery()) {
            cutIndex = index;
            process.offer(new Input.SnapshotTaken(new SnapshotMetadata(store.applied(), store.membership())));
            process.offer(new Input.LogTruncated(index));
        }
    }
}

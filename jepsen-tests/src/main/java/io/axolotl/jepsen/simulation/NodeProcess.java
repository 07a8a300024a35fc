package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.Ready;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.AppendEntriesResponse;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.statemachine.Applied;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalRecovery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One life of one node, from recovery to crash: the real core, log and state machine, and the runner that obeys the
 * contract of {@link Ready}. Everything in here is forgotten by a crash.
 *
 * <p>Mirrors production piece by piece. {@link #run} is the driver's loop: drain what has arrived, step each input, take
 * one {@code Ready}. {@link #handle} is its one place that knows the order of sending, persisting and applying. {@link
 * SimulatedLogWriter} and {@link SimulatedApplier} stand for the other two threads. {@link #recover} is the recovery,
 * step by step.
 *
 * <p>Confined to the simulation's thread.
 */
final class NodeProcess {
    private record PendingProposal(long term, Operation operation, Reply.Sink sink) {}

    private record PendingRead(long index, Operation operation, Reply.Sink sink) {}

    private record Call(Operation operation, Reply.Sink sink) {}

    private final SimulatedNode machine;
    private final NodeStore store;
    private final Wal wal;
    private final RaftNode raft;
    private final SimulatedLogWriter logWriter;
    private final SimulatedApplier applier;
    private final CommitBender bender;
    private final Deque<Input> inbox = new ArrayDeque<>();
    private final Map<Long, Call> proposing = new TreeMap<>();
    private final Set<Long> changing = new TreeSet<>();
    private final List<Long> truncations = new ArrayList<>();
    private final TreeMap<Long, List<PendingProposal>> appended = new TreeMap<>();
    private final Map<Long, Call> reading = new TreeMap<>();
    private final List<PendingRead> confirmed = new ArrayList<>();
    private long lastCallId;
    private boolean isRunScheduled;
    private boolean wasLeader;

    /** When a heartbeat was answered last, and of which term it was. */
    private long heardNanos;

    private long heardTerm;

    private NodeProcess(SimulatedNode machine, Membership bootstrap, HardStateFile hardStateFile, HardState hardState) {
        this.machine = machine;
        this.store = new NodeStore(machine, bootstrap, SimulatedNode.FOLDER);
        this.applier = new SimulatedApplier(this, machine, store);
        WalRecovery recovery =
                Wal.open(machine.visibleDisk(), machine.logFolder(), machine.walOptions(), applier.applied());
        this.wal = recovery.wal();
        machine.judge()
                .recovered(
                        machine.id(),
                        hardState,
                        LogShadow.of(wal),
                        recovery.isReset(),
                        applier.applied().index());
        this.raft = new RaftNode(
                machine.id(),
                machine.raftConfig(),
                machine.electionTimeouts(),
                hardState,
                store.newestSnapshot(),
                machine.hasBug(PlantedBug.MEMBERSHIP_ON_APPLY)
                        ? new ForgetfulLog(wal, applier.applied().index())
                        : wal,
                applier.applied().index(),
                machine.clockNanos());
        this.logWriter = new SimulatedLogWriter(this, machine, wal, hardStateFile);
        this.bender = new CommitBender(bootstrap, machine.id(), wal);
    }

    /**
     * Starts a node from what its disk holds. 1: hard state; 2 to 4: live state and snapshots, see {@link NodeStore}; 5: the
     * log, held against the applied index; 6: the core, as a follower.
     */
    static NodeProcess recover(SimulatedNode machine, Membership bootstrap) {
        if (!machine.visibleDisk().exists(machine.logFolder())) {
            Wal.create(machine.visibleDisk(), machine.logFolder(), machine.walOptions());
        }
        HardStateFile hardStateFile = machine.openHardState();
        HardState hardState = machine.bent(hardStateFile.state());
        NodeProcess process = new NodeProcess(machine, bootstrap, hardStateFile, hardState);
        machine.trace()
                .line(
                        machine.name(),
                        "start",
                        "term " + hardState.term() + " vote " + hardState.votedFor() + " log " + process.wal.previous()
                                + ".." + process.wal.last() + " applied " + process.applier.applied());
        process.scheduleTick();
        return process;
    }

    NodeView view() {
        return raft.view();
    }

    NodeStore store() {
        return store;
    }

    SimulatedApplier applier() {
        return applier;
    }

    /** The process dies now; a write that is under way stops somewhere. */
    void interrupt() {
        logWriter.interrupt();
    }

    // ---- inputs ----------------------------------------------------------------------------------------------------

    /** Everything that happens to the core comes by here; what arrives before the next turn of the loop shares it. */
    void offer(Input input) {
        inbox.add(input);
        wake();
    }

    private void wake() {
        if (!isRunScheduled) {
            isRunScheduled = true;
            machine.after(this, machine.wakeNanos(), this::run);
        }
    }

    private void scheduleTick() {
        machine.after(this, machine.settings().tickNanos(), () -> {
            wake();
            scheduleTick();
        });
    }

    void receive(NodeId from, Message message) {
        bender.received(from, message, raft.view().term());
        if (message instanceof Message.HeartbeatResponse answer) {
            heardTerm = answer.term();
            heardNanos = machine.clockNanos();
        }
        offer(new Input.Receive(from, message));
        if (machine.hasBug(PlantedBug.LEARNER_COUNTED) && message instanceof AppendEntriesResponse) {
            Membership membership = raft.view().membership();
            NodeId voter = membership.voters().first();
            if (membership.isLearner(from) && !voter.equals(machine.id())) {
                offer(new Input.Receive(voter, message));
            }
        }
    }

    /** A client's call has arrived. */
    void call(Operation operation, int attempt, Reply.Sink sink) {
        if (operation.kind().isRead()) {
            if (machine.hasBug(PlantedBug.READ_WITHOUT_QUORUM) && raft.view().isLeader()) {
                answerRead(operation, sink);
                return;
            }
            if (machine.hasBug(PlantedBug.LEASE_OF_ONE_ANSWER) && isAnsweredByAnybody()) {
                serve(new Call(operation, sink), raft.view().commitIndex());
                return;
            }
            reading.put(++lastCallId, new Call(operation, sink));
            offer(new Input.ReadIndex(lastCallId));
        } else {
            proposing.put(++lastCallId, new Call(operation, sink));
            offer(new Input.Propose(lastCallId, Proposals.encode(machine.id(), operation, attempt)));
        }
    }

    private boolean isAnsweredByAnybody() {
        NodeView view = raft.view();
        RaftConfig config = machine.raftConfig();
        return config.availability().isLeaseReads()
                && view.isLeader()
                && view.commitIndex() <= view.durableIndex()
                && wal.term(view.commitIndex()) == view.term()
                && heardTerm == view.term()
                && machine.clockNanos() - heardNanos
                        < config.electionTimeoutNanos() - config.availability().leaseDriftNanos();
    }

    void compact(long number, long revision) {
        offer(new Input.Propose(++lastCallId, Proposals.encodeCompaction(machine.id(), number, revision)));
    }

    void changeMembership(MembershipChange change) {
        changing.add(++lastCallId);
        offer(new Input.ChangeMembership(lastCallId, change));
    }

    private void run() {
        isRunScheduled = false;
        // Time is told at every turn, as the driver does, so that a pause is noticed before anything that waited in it.
        raft.step(new Input.Tick(machine.clockNanos()));
        long syncNanos = logWriter.runningNanos();
        if (syncNanos > 0) {
            raft.step(new Input.SyncObserved(syncNanos, true));
        }
        while (!inbox.isEmpty()) {
            raft.step(inbox.remove());
        }
        if (raft.hasReady()) {
            Ready ready = raft.takeReady();
            machine.judge().entriesGiven(machine.id(), ready.entriesToPersist());
            machine.judge().stepped(machine.id(), raft.view());
            handle(ready);
        }
        truncatePrefix();
    }

    /** The core has been told by now, so nobody reads what goes. */
    private void truncatePrefix() {
        for (long through : truncations) {
            logWriter.truncatePrefix(
                    through,
                    () -> machine.judge()
                            .prefixTruncated(machine.id(), wal.previous().index()));
        }
        truncations.clear();
    }

    // ---- what the core wants ---------------------------------------------------------------------------------------

    private void handle(Ready ready) {
        for (TraceEvent event : ready.trace()) {
            machine.traced(event);
        }
        ready.proposalOutcomes().forEach(this::proposed);
        ready.sendNow().forEach(this::send);
        if (ready.persistToken() != null) {
            logWriter.persist(ready);
        }
        if (!ready.committed().isEmpty()) {
            machine.judge().committed(machine.id(), ready.committed());
            applier.apply(ready.committed());
        }
        if (ready.snapshotToInstall() != null) {
            applier.install(ready.snapshotToInstall());
        }
        ready.readStates().forEach(this::readAnswered);
        noticeLostLeadership();
    }

    void send(Envelope envelope) {
        Envelope bent = machine.hasBug(PlantedBug.COMMIT_OLD_TERM) ? bender.bend(envelope, raft.view()) : envelope;
        machine.judge().sent(machine.id(), bent);
        machine.send(bent);
    }

    // ---- proposals -------------------------------------------------------------------------------------------------

    private void proposed(ProposalOutcome outcome) {
        if (changing.remove(outcome.proposalId())) {
            changeAnswered(outcome);
            return;
        }
        Call call = proposing.remove(outcome.proposalId());
        if (call == null) {
            return;
        }
        if (outcome instanceof ProposalOutcome.Appended done) {
            if (machine.hasBug(PlantedBug.ACKNOWLEDGED_ON_APPEND)) {
                machine.acknowledgeBlindly(call.operation(), call.sink(), applier.revision() + 1);
                return;
            }
            appended.computeIfAbsent(done.id().index(), ignored -> new ArrayList<>())
                    .add(new PendingProposal(done.id().term(), call.operation(), call.sink()));
        } else if (outcome instanceof ProposalOutcome.NotLeader notLeader) {
            call.sink().reply(new Reply.NotTaken(notLeader.leader()));
        } else {
            machine.marks().hit("client: leader was busy");
            call.sink().reply(new Reply.NotTaken(null));
        }
    }

    private void changeAnswered(ProposalOutcome outcome) {
        if (outcome instanceof ProposalOutcome.ChangeRefused refused) {
            machine.marks().hit("change refused: " + refused.reason());
        } else if (outcome instanceof ProposalOutcome.Appended done) {
            Membership entered = raft.view().membership();
            machine.marks().hit(entered.isJoint() ? "change: joint" : "change: learners only");
            if (machine.hasBug(PlantedBug.JOINT_LEFT_EARLY)) {
                vouchForThoseLeft(entered, done.id());
            }
        }
    }

    /** As if nobody asked the old majority whether it has the joint membership. */
    private void vouchForThoseLeft(Membership joint, EntryId id) {
        for (NodeId leaving : joint.outgoingVoters()) {
            if (!joint.voters().contains(leaving) && !leaving.equals(machine.id())) {
                offer(new Input.Receive(
                        leaving, new AppendEntriesResponse(id.term(), true, id.index(), EntryId.ZERO, 0, 0)));
            }
        }
    }

    /** Same term: done. Another term at that index: certainly never. Anything else stays open. */
    void applied(List<Applied> outcomes) {
        for (Applied outcome : outcomes) {
            List<PendingProposal> pending = appended.remove(outcome.id().index());
            if (pending == null) {
                continue;
            }
            for (PendingProposal proposal : pending) {
                if (proposal.term() == outcome.id().term()) {
                    proposal.sink().reply(new Reply.Written(Objects.requireNonNull(outcome.result())));
                } else if (machine.hasBug(PlantedBug.MATCH_BY_INDEX_ONLY)) {
                    machine.acknowledgeBlindly(proposal.operation(), proposal.sink(), applier.revision());
                } else {
                    machine.marks().hit("client: proposal was overwritten");
                    proposal.sink().reply(new Reply.NotTaken(null));
                }
            }
        }
        serveReads();
    }

    private void noticeLostLeadership() {
        boolean isLeader = raft.view().isLeader();
        if (wasLeader && !isLeader && machine.hasBug(PlantedBug.UNKNOWN_AS_REFUSED)) {
            appended.values()
                    .forEach(each -> each.forEach(pending -> pending.sink().reply(new Reply.NotTaken(null))));
            appended.clear();
        }
        wasLeader = isLeader;
    }

    // ---- reads -----------------------------------------------------------------------------------------------------

    private void readAnswered(ReadState state) {
        Call call = reading.remove(state.readId());
        if (call == null) {
            return;
        }
        if (state instanceof ReadState.Confirmed done) {
            serve(call, done.index());
        } else if (state instanceof ReadState.Leased leased && machine.clockNanos() - leased.untilNanos() < 0) {
            machine.marks().hit("read by lease");
            serve(call, leased.index());
        } else {
            call.sink().reply(new Reply.NotTaken(null));
        }
    }

    private void serve(Call call, long index) {
        boolean isBlind = machine.hasBug(PlantedBug.READ_BEFORE_APPLY);
        confirmed.add(new PendingRead(isBlind ? 0 : index, call.operation(), call.sink()));
        serveReads();
    }

    private void serveReads() {
        long appliedIndex = applier.applied().index();
        List<PendingRead> due =
                confirmed.stream().filter(read -> read.index() <= appliedIndex).toList();
        confirmed.removeAll(due);
        due.forEach(read -> answerRead(read.operation(), read.sink()));
    }

    private void answerRead(Operation operation, Reply.Sink sink) {
        RangeAnswer answer = applier.range(Proposals.query(operation));
        if (!(answer instanceof RangeAnswer.Found found)) {
            throw new InvariantViolation(
                    "I5 strict serializability", "a read of the latest revision was answered by " + answer);
        }
        sink.reply(new Reply.Read(found));
    }

    // ---- snapshots -------------------------------------------------------------------------------------------------

    /** A snapshot is complete and durable: the log may be cut behind it, but for the tail that slow followers need. */
    void snapshotTaken(SnapshotMetadata snapshot) {
        machine.marks().hit("snapshot taken");
        offer(new Input.SnapshotTaken(snapshot));
        long through = snapshot.last().index() - machine.settings().logTailKept();
        if (through > 0) {
            // The core is told first: until it has taken the input it may read what is about to go.
            offer(new Input.LogTruncated(through));
            truncations.add(through);
        }
    }

    /** The snapshot is the live state now; the log follows, and only then the core is told. */
    void swapped(SnapshotMetadata snapshot) {
        logWriter.reset(snapshot.last(), () -> {
            machine.marks().hit("snapshot installed");
            // What became of proposals in there nobody can tell any more: they stay open.
            appended.headMap(snapshot.last().index(), true).clear();
            offer(new Input.SnapshotInstalled(snapshot));
            serveReads();
        });
    }
}

package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.ReadState;
import io.axolotl.raft.Ready;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.testing.ForgetfulLog;
import io.axolotl.server.api.EtcdError;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.SteppedNode;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import io.axolotl.storage.wal.Wal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One life of one node, from recovery to crash: the server's own recovery, driver, log writer, applier and state machine
 * ({@link SteppedNode}), whose threads are events here. Everything in here is forgotten by a crash.
 *
 * <p>Each stage has its turn when something waits for it, a little later, as its thread would. A sync takes its time before
 * its writes reach the disk; what rests on them, and what the core is told of them, may come later still. What the worker
 * does comes one after the other.
 *
 * <p>The judge sees what the core says before the driver does, and what leaves for the peers; a {@link Saboteur} may stand in
 * between.
 *
 * <p>Confined to the simulation's thread.
 */
final class NodeProcess implements PeerTransport, SteppedNode.Watch {
    private static final long AGAIN_NANOS = 200 * SimulationSettings.MILLIS;

    /** When power is cut while a batch is being written, it may have come so many disk operations far. */
    private static final int MOST_OPERATIONS_OF_A_BATCH = 12;

    /** What the core has given out to be written and the log writer has not written yet. */
    private record Unwritten(@Nullable HardState hardState, List<Entry> entries) {}

    /** A client's call that is not answered yet. */
    record Call(Operation operation, Reply.Sink sink) {}

    private final SimulatedNode machine;
    private final RecoveredState recovered;
    private final Wal wal;
    private final Acquaintances acquaintances;
    private final Saboteur saboteur;
    private final SteppedNode node;

    /** It woke up with another disk, and lacks what it had promised to keep: whatever it says, nobody may hear it. */
    private final boolean hasForgotten;

    private boolean isDriverDue;
    private boolean isDriverHeldUp;
    private boolean isDriverMissed;
    private boolean isLeading;
    private boolean isWakeOfReadsDue;
    private boolean isApplierDue;
    private boolean isSyncing;
    private boolean isWriting;
    private boolean isTelling;
    private boolean isWorking;
    private boolean isDying;
    private boolean isPublished;
    private boolean isLeaving;
    private boolean isWhole;
    private boolean isBound;

    private final List<Unwritten> unwritten = new ArrayList<>();
    private final List<Envelope> written = new ArrayList<>();
    private final List<Input> untold = new ArrayList<>();
    private final Deque<Runnable> work = new ArrayDeque<>();
    private final Map<Long, Call> calls = new TreeMap<>();
    private final Set<NodeId> transfers = new TreeSet<>();
    private boolean withholdsSnapshots;
    private @Nullable SnapshotMetadata installing;
    private @Nullable KvStateMachine seen;
    private long seenIndex;

    private NodeProcess(SimulatedNode machine, RecoveredState recovered) {
        this.machine = machine;
        this.recovered = recovered;
        this.wal = recovered.wal();
        this.acquaintances = new Acquaintances(this, machine, recovered, this::roster);
        this.saboteur = new Saboteur(this, machine, wal);
        this.isBound = recovered.embargo() != null;
        this.hasForgotten = machine.judge().hasForgotten(machine.id());
        Executor worker = this::later;
        this.node = new SteppedNode(
                recovered,
                machine.raftConfig(),
                machine.settings().tuning(),
                this,
                worker,
                machine.chance().splittable(),
                machine::clockNanos,
                this,
                new SteppedNode.Wakers(this::wakeDriver, this::wakeLogWriter, new ApplierThread()));
        this.seenIndex = node.appliedIndex();
    }

    /** What the applier waits in when the disk is full: here nothing else would run meanwhile, so the process ends instead. */
    private final class ApplierThread implements Waker {
        @Override
        public void wake() {
            wakeApplier();
        }

        @Override
        public void progressed() {
            if (machine.isDiskFull()) {
                throw new DiskFullException(Path.of("/data"), "apply");
            }
        }

        @Override
        public boolean isEnding() {
            // It is about to park.
            LockSupport.unpark(Thread.currentThread());
            return false;
        }
    }

    /** Starts a node from what its disk holds, by the server's own recovery. */
    static NodeProcess recover(SimulatedNode machine) {
        RecoveredState recovered = machine.recover();
        machine.judge()
                .recovered(
                        machine.id(),
                        recovered.hardState(),
                        LogShadow.of(recovered.wal()),
                        recovered.record().isLogReset(),
                        recovered.stateMachine().applied().index(),
                        recovered.embargo());
        NodeProcess process = new NodeProcess(machine, recovered);
        machine.trace()
                .line(
                        machine.name(),
                        "start",
                        "as " + machine.id() + " term " + recovered.hardState().term() + " vote "
                                + recovered.hardState().votedFor() + " log "
                                + recovered.wal().previous() + ".."
                                + recovered.wal().last() + " applied "
                                + recovered.stateMachine().applied()
                                + (recovered.embargo() == null ? "" : " " + recovered.embargo()));
        recovered.record().steps().forEach(step -> machine.marks().hit("recovery: " + step.name()));
        if (recovered.record().snapshotUsed() != null) {
            machine.marks().hit("recovery: a newer snapshot waited");
        }
        if (recovered.record().tornBytes() > 0) {
            machine.marks().hit("recovery: a torn tail was cut");
        }
        if (recovered.record().isLogReset()) {
            machine.marks().hit("recovery: the log was begun anew behind a snapshot");
        }
        return process;
    }

    /** The loops begin. Apart from {@link #recover}, since by now the machine knows its process. */
    void begin() {
        machine.reached(this, Moment.STARTED);
        tick();
        acquaintances.greet();
        node.inbox().reachable(Acquaintances.SETTLED_NANOS);
        comeUp();
        later(() -> SteppedNode.prepareNextSegment(wal));
    }

    NodeView view() {
        return node.view();
    }

    long appliedIndex() {
        return node.appliedIndex();
    }

    KvStateMachine store() {
        return node.store();
    }

    RecoveredState recovered() {
        return recovered;
    }

    /** Whether it is bound by no loss any more, and has come up with the others. */
    boolean isWhole() {
        return isWhole && !isBound;
    }

    private Roster roster() {
        return node.store().roster();
    }

    /** The calls that are not answered yet, by operation. */
    Map<Long, Call> calls() {
        return calls;
    }

    // ---- turns -----------------------------------------------------------------------------------------------------

    private void wakeDriver() {
        if (!isDriverDue) {
            isDriverDue = true;
            machine.after(this, machine.wakeNanos(), this::driverTurn);
        }
    }

    private void tick() {
        wakeDriver();
        node.spaceTurn();
        machine.after(this, machine.settings().tickNanos(), this::tick);
    }

    private void driverTurn() {
        isDriverDue = false;
        if (isDriverHeldUp) {
            isDriverMissed = true;
            return;
        }
        node.driverTurn();
        if (isDriverMissed) {
            isDriverMissed = false;
            wakeDriver();
        }
        long parkNanos = node.readsParkNanos();
        if (parkNanos < machine.settings().tickNanos() && !isWakeOfReadsDue) {
            // One at a time, or each turn would bring about one more.
            isWakeOfReadsDue = true;
            machine.after(this, parkNanos, () -> {
                isWakeOfReadsDue = false;
                wakeDriver();
            });
        }
    }

    /** The driver stands still in the middle of its turn, and the other threads go on. */
    void holdUpDriver(long nanos) {
        isDriverHeldUp = true;
        machine.standStill(this, nanos);
        isDriverHeldUp = false;
    }

    private void wakeLogWriter() {
        if (!isSyncing) {
            isSyncing = true;
            machine.after(this, 0, this::sync);
        }
    }

    private void sync() {
        if (unwritten.stream().anyMatch(each -> each.hardState != null || !each.entries.isEmpty())) {
            node.syncBegan();
        }
        machine.after(this, machine.syncNanos(), this::write);
    }

    private void write() {
        machine.reached(this, Moment.BATCH_TO_BE_WRITTEN);
        List<Unwritten> batch = List.copyOf(unwritten);
        unwritten.clear();
        if (batch.size() > 1) {
            machine.marks().hit("log writer: several Readys in one sync");
        }
        DiskObserver disk = machine.disk();
        long logSyncs = disk.logSyncs();
        long hardStateSyncs = disk.hardStateSyncs();
        long before = wal.previous().index();
        isWriting = true;
        node.writeTurn();
        isWriting = false;
        if (disk.hardStateSyncs() > hardStateSyncs) {
            newestHardState(batch);
        }
        if (disk.logSyncs() > logSyncs) {
            batch.forEach(each -> machine.judge().entriesDurable(machine.id(), each.entries));
        }
        logWasCut(before);
        machine.judge().nothingUnderWay(machine.id());
        machine.reached(this, Moment.BATCH_WRITTEN);
        isTelling = true;
        machine.after(this, machine.tellNanos(), this::tell);
    }

    private void newestHardState(List<Unwritten> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            HardState newest = batch.get(i).hardState;
            if (newest != null) {
                machine.judge().hardStateDurable(machine.id(), newest);
                return;
            }
        }
    }

    private void logWasCut(long before) {
        SnapshotMetadata snapshot = installing;
        if (snapshot != null
                && wal.previous().equals(snapshot.last())
                && wal.last().equals(snapshot.last())) {
            installing = null;
            machine.marks().hit("snapshot: installed");
            machine.judge().snapshotInstalled(machine.id(), snapshot.last());
        } else if (wal.previous().index() > before) {
            machine.marks().hit("log: prefix cut");
            machine.judge().prefixTruncated(machine.id(), wal.previous().index());
        }
    }

    /** What was written may be told: to the peers, and to the core. */
    private void tell() {
        isTelling = false;
        List<Envelope> messages = List.copyOf(written);
        written.clear();
        messages.forEach(this::dispatch);
        List<Input> inputs = List.copyOf(untold);
        untold.clear();
        inputs.forEach(node::offer);
        machine.reached(this, Moment.BATCH_TOLD);
        isSyncing = false;
        if (node.hasWrites()) {
            wakeLogWriter();
        }
    }

    private void wakeApplier() {
        if (!isApplierDue) {
            isApplierDue = true;
            machine.after(this, machine.applyNanos(), this::applyTurn);
        }
    }

    private void applyTurn() {
        isApplierDue = false;
        machine.reached(this, Moment.TO_BE_APPLIED);
        if (installing != null) {
            machine.judge().installUnderWay(machine.id());
        }
        boolean isMoreLeft = node.applyTurn();
        noteApplied();
        if (isMoreLeft) {
            wakeApplier();
        }
    }

    private void noteApplied() {
        KvStateMachine store = node.store();
        long index = store.applied().index();
        if (store != seen || index != seenIndex) {
            seen = store;
            seenIndex = index;
            machine.judge().applied(machine.id(), index, store.revision(), store.compactRevision());
            machine.judge().states().history(machine.id(), index, store.historyDigest());
            if (machine.judge().states().wantsDigest(index)) {
                machine.judge().states().digest(machine.id(), index, store.digest());
            }
            if (machine.chance().happens(machine.settings().flushProbability())) {
                store.flush();
            }
            saboteur.applied(store);
            machine.reached(this, Moment.APPLIED);
        }
        machine.judge().stateDurable(machine.id(), store.durable().index());
        leaveIfRemoved(store.roster().hasLeft(machine.id()));
    }

    /** The worker: one thing after the other, each later than it was asked for. */
    private void later(Runnable task) {
        work.add(task);
        if (!isWorking) {
            isWorking = true;
            machine.after(this, machine.syncNanos(), this::workOn);
        }
    }

    private void workOn() {
        Runnable next = work.remove();
        next.run();
        machine.judge().stateDurable(machine.id(), node.store().durable().index());
        machine.reached(this, Moment.WORK_DONE);
        if (work.isEmpty()) {
            isWorking = false;
        } else {
            machine.after(this, machine.syncNanos(), this::workOn);
        }
    }

    /** The process dies now; a write that is under way stops somewhere. */
    void interrupt() {
        isDying = true;
        boolean isWritingNow = isSyncing && !isTelling && node.hasWrites();
        if (!isWritingNow && work.isEmpty()) {
            return;
        }
        DiskObserver disk = machine.disk();
        disk.armPowerCut(machine.chance().below(MOST_OPERATIONS_OF_A_BATCH));
        try {
            if (isWritingNow) {
                node.writeTurn();
            } else {
                work.remove().run();
            }
            machine.marks()
                    .hit(
                            isWritingNow
                                    ? "crash: after a sync, before anybody was told"
                                    : "crash: after slow work, before anybody was told");
        } catch (SimulatedCrash e) {
            machine.marks().hit(isWritingNow ? "crash: in the middle of a batch" : "crash: in the middle of slow work");
        } finally {
            disk.disarm();
        }
    }

    // ---- what the core is told and says ----------------------------------------------------------------------------

    @Override
    public LogReader log(LogReader log) {
        return machine.hasBug(PlantedBug.MEMBERSHIP_ON_APPLY)
                ? new ForgetfulLog(log, recovered.stateMachine().applied().index())
                : log;
    }

    @Override
    public @Nullable Input stepping(Input input) {
        if (input instanceof Input.Tick) {
            machine.reached(this, Moment.CLOCK_READ);
        } else if (input instanceof Input.Receive receive && receive.message() instanceof Message.RequestVote) {
            machine.reached(this, Moment.ASKED_FOR_VOTE);
        } else if (input instanceof Input.SnapshotTaken) {
            machine.marks().hit("snapshot: taken");
            machine.reached(this, Moment.SNAPSHOT_TAKEN);
        } else if (input instanceof Input.LogTruncated) {
            machine.reached(this, Moment.LOG_TO_BE_CUT);
        } else if (input instanceof Input.SnapshotInstalled) {
            machine.reached(this, Moment.INSTALL_ENDS);
        }
        boolean restsOnWrites = input instanceof Input.Persisted || input instanceof Input.SnapshotInstalled;
        if (restsOnWrites && isTelling) {
            untold.add(input);
            return null;
        }
        return saboteur.stepping(input);
    }

    @Override
    public Ready took(Ready given, NodeView view) {
        // Before anybody writes it down: who dies now has not said it.
        reachedIn(given, view);
        Judge judge = machine.judge();
        judge.entriesGiven(machine.id(), given.entriesToPersist());
        judge.stepped(machine.id(), view);
        for (TraceEvent event : given.trace()) {
            machine.traced(event);
            if (event instanceof TraceEvent.EmbargoLifted) {
                machine.marks().hit("recovery: an embargo was lifted");
                isBound = false;
                healIfWhole();
            } else if (event instanceof TraceEvent.SteppedDown
                    && given.readStates().stream().anyMatch(ReadState.Refused.class::isInstance)) {
                machine.marks().hit("reads: waited when their leader stepped down");
            }
        }
        SnapshotMetadata received = given.snapshotToInstall();
        if (received != null
                && (received.membership().isJoint() || view.membership().isJoint())) {
            machine.marks().hit("snapshot: came in the middle of a change of members");
        }
        Ready ready = saboteur.took(given, view);
        if (ready.hardState() != null || !ready.entriesToPersist().isEmpty()) {
            unwritten.add(new Unwritten(ready.hardState(), ready.entriesToPersist()));
        }
        if (!given.committed().isEmpty()) {
            judge.committed(machine.id(), given.committed());
        }
        if (ready.snapshotToInstall() != null) {
            installing = ready.snapshotToInstall();
        }
        return ready;
    }

    private void reachedIn(Ready ready, NodeView view) {
        if (view.isLeader() != isLeading) {
            isLeading = view.isLeader();
            machine.reached(this, isLeading ? Moment.ELECTED : Moment.DEPOSED);
        }
        for (TraceEvent event : ready.trace()) {
            if (event instanceof TraceEvent.SuffixTruncated) {
                machine.reached(this, Moment.SUFFIX_TO_BE_CUT);
            } else if (event instanceof TraceEvent.MembershipAppended) {
                machine.reached(this, Moment.MEMBERSHIP_APPENDED);
            }
        }
        if (ready.hardState() != null) {
            machine.reached(this, Moment.PROMISE_TO_BE_WRITTEN);
        }
        if (!ready.committed().isEmpty()) {
            machine.reached(this, Moment.COMMITTED);
        }
        if (!ready.readStates().isEmpty()) {
            machine.reached(this, Moment.READS_DECIDED);
        }
        if (ready.snapshotToInstall() != null) {
            machine.reached(this, Moment.INSTALL_BEGINS);
        }
    }

    /** For planted bugs: the core is told, before whatever comes next. */
    void offer(Input input) {
        node.offer(input);
    }

    /** For a planted bug. */
    void resetLogOnly(SnapshotMetadata snapshot) {
        installing = snapshot;
        machine.judge().installUnderWay(machine.id());
        node.resetLogOnly(snapshot);
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    @Override
    public void send(Envelope envelope) {
        if (isWriting) {
            written.add(envelope);
        } else {
            dispatch(envelope);
        }
    }

    /** The message leaves now. */
    void dispatch(Envelope envelope) {
        if (isDying) {
            return;
        }
        Envelope bent = saboteur.sending(envelope, node.view());
        machine.judge().sent(machine.id(), bent);
        if (bent.message() instanceof Message.InstallSnapshot install) {
            transferSnapshot(bent.to(), install);
        } else {
            machine.send(this, bent);
        }
    }

    private void transferSnapshot(NodeId to, Message.InstallSnapshot install) {
        if (!transfers.add(to)) {
            return;
        }
        machine.transferSnapshot(this, to, install, isDelivered -> {
            transfers.remove(to);
            if (!isDelivered) {
                machine.marks().hit("snapshot: transfer failed");
                node.inbox().snapshotFailed(to);
            }
        });
    }

    /** What is to be sent; null if there is nothing, which is made good then. */
    SnapshotCourier.@Nullable Parcel parcel(long offeredIndex) {
        if (withholdsSnapshots) {
            return null;
        }
        SnapshotCourier.Parcel parcel =
                SnapshotCourier.newest(recovered.snapshotStore(), offeredIndex).orElse(null);
        if (parcel == null) {
            node.inbox().snapshotWanted();
        }
        return parcel;
    }

    /** For a planted bug: the log is emptied as for a snapshot, which becomes the state later. */
    void emptyLog(SnapshotMetadata snapshot) {
        machine.judge().installUnderWay(machine.id());
        node.emptyLog(snapshot);
    }

    /** Something from another process has arrived. */
    void receive(NodeProcess sender, Runnable arrival) {
        if (acquaintances.isWelcome(sender)
                && sender.acquaintances.lets(this)
                && acquaintances.isStillWelcome(sender)) {
            arrival.run();
        }
    }

    void received(NodeProcess sender, NodeId from, Message message) {
        if (sender.hasForgotten) {
            Judge.heard(from, message);
        }
        saboteur.received(from, message);
        node.inbox().receive(from, message, 0);
    }

    void unreachable(NodeId peer) {
        node.inbox().unreachable(peer);
    }

    void gone(NodeId peer) {
        node.inbox().gone(peer);
    }

    @Override
    public boolean forward(NodeId to, Forward forward) {
        if (isDying || !machine.isLinked(to)) {
            return false;
        }
        machine.marks().hit("client: proposal forwarded");
        for (int copy = 0; copy < saboteur.copies(); copy++) {
            machine.sendOnce(
                    this,
                    to,
                    receiver -> receiver.node.inbox().forwarded(machine.id(), receiver.saboteur.arriving(forward)));
        }
        return true;
    }

    @Override
    public void refuse(NodeId to, ForwardRefused refused) {
        machine.marks().hit("client: forwarded proposal refused");
        machine.sendOnce(this, to, receiver -> receiver.node.inbox().forwardRefused(machine.id(), refused));
    }

    @Override
    public void report(NodeId to, HistoryReport report) {
        machine.marks().hit("divergence: histories compared");
        machine.sendOnce(this, to, receiver -> receiver.node.inbox().reported(machine.id(), report));
    }

    @Override
    public void withholdSnapshots(boolean itDoes) {
        withholdsSnapshots = itDoes;
    }

    @Override
    public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {
        answer.accept(null);
    }

    @Override
    public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {
        answer.accept(null);
    }

    @Override
    public long connectedSinceNanos(NodeId peer) {
        return machine.isLinked(peer) ? machine.clockNanos() : NOT_CONNECTED;
    }

    // ---- clients ---------------------------------------------------------------------------------------------------

    /** A client's call has arrived. */
    void call(Operation operation, Reply.Sink sink) {
        Call call = new Call(operation, sink);
        if (saboteur.answers(call)) {
            return;
        }
        if (operation.kind().isRead()) {
            node.readBarrier(failure -> {
                if (failure == null) {
                    answerRead(call);
                } else {
                    sink.reply(Reply.Failed.of(EtcdError.of(failure)));
                }
            });
            return;
        }
        calls.put(operation.id(), call);
        node.propose(
                Caller.NOBODY,
                Proposals.command(operation, machine.settings().valueBytes()),
                result -> answer(call, result));
    }

    private void answer(Call call, ProposalResult result) {
        if (calls.remove(call.operation.id()) == null) {
            return;
        }
        if (result instanceof ProposalResult.Done done) {
            call.sink.reply(new Reply.Written(done.result()));
        } else if (result instanceof ProposalResult.Refused refused) {
            machine.marks().hit("client: refused for certain: " + refused.why());
            machine.judge().clients().turnedAway(call.operation);
            call.sink.reply(Reply.Failed.of(EtcdError.of(refused.why())));
        } else if (result instanceof ProposalResult.Unknown unknown) {
            machine.marks().hit("client: told that nobody knows");
            call.sink.reply(Reply.Failed.of(EtcdError.ofUnknown(unknown.why())));
        }
    }

    void answerRead(Call call) {
        RangeAnswer answer = node.store().range(Proposals.query(call.operation));
        if (!(answer instanceof RangeAnswer.Found found)) {
            throw new InvariantViolation(
                    "I5 strict serializability", "a read of the latest revision was answered by " + answer);
        }
        call.sink.reply(new Reply.Read(found));
    }

    /** An operator or a member itself wants something replicated. */
    void propose(Command command, Consumer<ProposalResult> answer) {
        propose(Caller.MEMBER, command, answer);
    }

    void propose(Caller caller, Command command, Consumer<ProposalResult> answer) {
        node.propose(caller, command, answer::accept);
    }

    void moveLeader(NodeId target) {
        node.moveLeader(target);
    }

    // ---- coming and going ------------------------------------------------------------------------------------------

    /** As the server does: once all that was committed at the start is applied, the rest of the recovery. */
    private void comeUp() {
        node.readBarrier(failure -> {
            if (failure == null) {
                machine.marks().hit("recovery: came up with the others");
                later(recovered::stateIsWhole);
                isWhole = true;
                healIfWhole();
                publish();
            } else if (failure != Failure.STOPPED) {
                machine.after(this, AGAIN_NANOS, this::comeUp);
            }
        });
    }

    private void healIfWhole() {
        if (isWhole && !isBound) {
            machine.healed();
        }
    }

    private void publish() {
        boolean isKnown = roster().find(machine.id())
                .filter(known -> known.isStarted() && known.storeId() != null)
                .isPresent();
        if (isKnown || isPublished) {
            return;
        }
        Command.PublishMember command = new Command.PublishMember(
                machine.id().value(),
                machine.memberName(),
                machine.peerUrls(),
                List.of(),
                recovered.identity().storeId());
        node.propose(Caller.MEMBER, command, result -> {
            if (result instanceof ProposalResult.Done done) {
                isPublished = !(done.result() instanceof CommandResult.Refused);
                machine.marks().hit(isPublished ? "member: published itself" : "member: publication refused");
            }
            machine.after(this, AGAIN_NANOS, this::publish);
        });
    }

    /** What this member tells one that wants to join or to found. */
    ClusterDescription describe() {
        return acquaintances.describe(node.appliedIndex());
    }

    Acquaintances acquaintances() {
        return acquaintances;
    }

    /** Whether this life has let that one in. */
    boolean hasMet(NodeProcess other) {
        return acquaintances.hasMet(other);
    }

    /** Whether this is the life that its machine lives now. */
    boolean isRunning() {
        return machine.isRunning(this);
    }

    /** A removed member ends when the others have had the time to hear that it knows. */
    void leaveIfRemoved(boolean isRemoved) {
        if (isRemoved && !isLeaving) {
            isLeaving = true;
            machine.after(this, 2 * machine.raftConfig().electionTimeoutNanos(), machine::leave);
        }
    }
}

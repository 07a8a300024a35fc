package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message.AppendEntries;
import io.axolotl.raft.message.Message.AppendEntriesResponse;
import io.axolotl.raft.message.Message.InstallSnapshot;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.recovery.MemberRemovedException;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.server.recovery.StoreRepair;
import io.axolotl.storage.command.CallId;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.identity.ForeignFolderException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The machine that a node runs on: its disk, its clock, and at most one running {@link NodeProcess}. Survives what the
 * process does not.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedNode {
    /** The mark of each kind of event of the core. */
    private static final ClassValue<String> MARKS = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> kind) {
            return "core: " + kind.getSimpleName();
        }
    };

    private final Cluster cluster;
    private final int place;
    private final String name;
    private final Chance chance;
    private final SimulatedDrive drive;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final double clockRate;

    /** The member that lives here now; another one after this machine was given to the cluster anew. */
    private NodeId id;

    private boolean isFounder;
    private boolean isMember;
    private @Nullable NodeProcess process;
    private boolean isPaused;
    private boolean isKeptDown;
    private long downNanosAfterCut;
    private long starts;
    private long extraSyncNanos;
    private long extraApplyNanos;
    private long clockAheadNanos;
    private int crashesAtStart;

    private boolean isToBeReplaced;

    private final Map<Moment, Ambush> ambushes = new EnumMap<>(Moment.class);

    /** What clients wait for. */
    private final Set<OpenCall> openCalls = new LinkedHashSet<>();

    /** @param isFounder whether it belongs to the cluster from the start; otherwise it is spare */
    SimulatedNode(Cluster cluster, int place, NodeId id, boolean isFounder, Chance chance) {
        this.cluster = cluster;
        this.place = place;
        this.id = id;
        this.isFounder = isFounder;
        this.isMember = isFounder;
        this.name = "n" + (place + 1);
        this.chance = chance;
        this.clockRate = 1 + cluster.settings().clockDrift() * (chance.fraction() * 2 - 1);
        this.drive =
                new SimulatedDrive(cluster.bug(), cluster.settings().faults().contains(Fault.ROT));
    }

    // ---- what a process sees of its machine ------------------------------------------------------------------------

    NodeId id() {
        return id;
    }

    String name() {
        return name;
    }

    RaftConfig raftConfig() {
        return cluster.settings().raft(place);
    }

    SimulationSettings settings() {
        return cluster.settings();
    }

    Judge judge() {
        return cluster.judge();
    }

    Marks marks() {
        return cluster.marks();
    }

    Trace trace() {
        return cluster.trace();
    }

    Chance chance() {
        return chance;
    }

    DiskObserver disk() {
        return drive.observer();
    }

    /** What the cluster began with. */
    Membership bootstrap() {
        return cluster.founding().membership();
    }

    PlantedBug bug() {
        return cluster.bug();
    }

    /** What the member that lives here is called. */
    String memberName() {
        return "m" + id;
    }

    List<String> peerUrls() {
        return Cluster.peerUrls(id);
    }

    /** Opens what the disk holds, as the server does. */
    RecoveredState recover() {
        return new SimulatedOpening(this, cluster, drive.visible()).recover();
    }

    boolean hasBug(PlantedBug bug) {
        return cluster.bug() == bug;
    }

    /** The hard state as a planted bug would have it. */
    HardState bent(HardState found) {
        if (hasBug(PlantedBug.VOTE_FORGOTTEN)) {
            return new HardState(found.term(), null, found.commitIndex());
        }
        return hasBug(PlantedBug.HARD_STATE_FORGOTTEN) ? HardState.INITIAL : found;
    }

    /** This machine's monotonic clock: it starts anywhere, runs a little fast or slow, and may overflow. */
    long clockNanos() {
        return settings().clockOriginNanos() + (long) (cluster.time().nowNanos() * clockRate) + clockAheadNanos;
    }

    long syncNanos() {
        SimulationSettings.DiskModel model = settings().disk();
        return model.syncNanos() + chance.around(model.syncJitterNanos()) + extraSyncNanos;
    }

    /** How long it takes from a sync until what rests on it is told. */
    long tellNanos() {
        return chance.happens(0.4) ? chance.around(settings().disk().syncJitterNanos()) : 0;
    }

    long applyNanos() {
        return 20 * SimulationSettings.MICROS + chance.around(100 * SimulationSettings.MICROS) + extraApplyNanos;
    }

    /** How long a thread that sleeps takes to notice its queue; what arrives meanwhile shares its turn. */
    long wakeNanos() {
        return chance.happens(0.2) ? chance.around(200 * SimulationSettings.MICROS) : 0;
    }

    /** Runs {@code action} later, unless {@code owner} is dead by then; if this machine is paused then, after that. */
    void after(NodeProcess owner, long delayNanos, Runnable action) {
        cluster.time().after(delayNanos, () -> run(owner, action));
    }

    private void run(NodeProcess owner, Runnable action) {
        if (process != owner) {
            return;
        }
        if (isPaused) {
            held.add(() -> run(owner, action));
            return;
        }
        guarded(action);
    }

    /** Does this on this machine: whatever ends a process by it ends that of this machine. */
    void guarded(Runnable action) {
        try {
            action.run();
        } catch (Ambush.Sprung e) {
            marks().hit("crash: in the middle of a turn");
        } catch (SimulatedCrash e) {
            trace().line(name, "power cut", "before " + drive.observer().cutBefore());
            marks().hit("crash: between two disk operations");
            die(true, downNanosAfterCut);
        } catch (InvariantViolation e) {
            throw e;
        } catch (RecoveryFailedException e) {
            couldNotStart(e);
        } catch (RuntimeException e) {
            stopped(e);
        } catch (AssertionError e) {
            throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
        }
    }

    /** The process ended of itself, as it has to when the disk does not do what it should. */
    private void stopped(RuntimeException e) {
        if (!drive.isInTrouble() || !DiskTrouble.explains(e)) {
            throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
        }
        trace().line(name, "stopped", String.valueOf(e.getMessage()));
        marks().hit(
                        drive.isRotten()
                                ? "disk: a member stopped at damage"
                                : drive.isSyncFailing()
                                        ? "disk: a member stopped at a failed sync"
                                        : "disk: a member stopped at a full disk");
        NodeProcess running = process;
        if (running != null && StoreRepair.isDamage(e)) {
            running.recovered().storeRepair().condemn(String.valueOf(e.getMessage()));
        }
        die(drive.takesTheMachineAlong(), 100 * SimulationSettings.MILLIS);
    }

    private void couldNotStart(RecoveryFailedException e) {
        if (e.getCause() instanceof MemberRemovedException) {
            trace().line(name, "removed", "");
            marks().hit("member: a removed one does not start again");
            die(false, 0);
            becomeSpare();
            return;
        }
        if (e.getCause() instanceof ForeignFolderException && !isFounder && !drive.isExchanged() && !drive.isRotten()) {
            // Nobody was there to ask, or whoever was did not know of it yet.
            marks().hit("member: a joiner found no place yet");
            die(false, SimulationSettings.SECONDS);
            return;
        }
        if (drive.isSyncFailing() || drive.isFull()) {
            marks().hit("disk: a member waits for its disk to start");
            die(drive.takesTheMachineAlong(), 300 * SimulationSettings.MILLIS);
            return;
        }
        boolean isOwnedUpTo = DiskTrouble.explains(e) || e.getCause() instanceof ForeignFolderException;
        if ((drive.isRotten() || drive.isExchanged()) && isOwnedUpTo) {
            trace().line(name, "refuses to start", String.valueOf(e.getMessage()));
            marks().hit("recovery: refused, " + (drive.isRotten() ? "damage" : "another disk"));
            die(false, 0);
            isToBeReplaced = true;
            return;
        }
        throw new InvariantViolation("I11 recovery from any crash", "node " + id + " does not start: " + e, e);
    }

    void traced(TraceEvent event) {
        marks().hit(MARKS.get(event.getClass()));
        boolean isEveryday = event instanceof TraceEvent.ReadsConfirmed
                || event instanceof TraceEvent.ReadsRefused
                || event instanceof TraceEvent.ReadLeased
                || event instanceof TraceEvent.MessageIgnored;
        if (!isEveryday) {
            trace().line(name, event);
        }
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    void send(NodeProcess sender, Envelope envelope) {
        int to = cluster.placeOf(envelope.to());
        if (to < 0) {
            return;
        }
        NodeId from = id;
        boolean isOfEntries =
                envelope.message() instanceof AppendEntries || envelope.message() instanceof AppendEntriesResponse;
        cluster.network()
                .send(
                        place,
                        to,
                        isOfEntries ? SimulatedNetwork.Stream.ENTRIES : SimulatedNetwork.Stream.URGENT,
                        () -> cluster.node(to)
                                .receive(
                                        sender,
                                        envelope.to(),
                                        receiver -> receiver.received(sender, from, envelope.message())));
    }

    /** What arrives once or not at all. */
    void sendOnce(NodeProcess sender, NodeId to, Consumer<NodeProcess> arrival) {
        int target = cluster.placeOf(to);
        if (target >= 0) {
            cluster.network()
                    .send(
                            place,
                            target,
                            SimulatedNetwork.Stream.ONCE,
                            () -> cluster.node(target).receive(sender, to, arrival));
        }
    }

    /** Two processes that have not met yet do, if they can reach each other. */
    void greet(NodeProcess sender, NodeId to) {
        int target = cluster.placeOf(to);
        if (isLinked(to)
                && cluster.node(target).isUp()
                && !cluster.node(target).process().hasMet(sender)) {
            sendOnce(sender, to, receiver -> {});
        }
    }

    /** Whether a message to that member would leave now, and somebody is there. */
    boolean isLinked(NodeId peer) {
        int to = cluster.placeOf(peer);
        return to >= 0
                && to != place
                && cluster.node(to).isRunning()
                && !cluster.network().isCut(place, to)
                && !cluster.network().isCut(to, place);
    }

    /** The files travel first, for a while; the message reaches the other core when all of them have arrived. */
    void transferSnapshot(NodeProcess sender, NodeId peer, InstallSnapshot install, Consumer<Boolean> ended) {
        NodeId from = id;
        SnapshotCourier.Parcel parcel = sender.parcel(install.snapshot().last().index());
        long transferNanos = 5 * SimulationSettings.MILLIS + chance.around(100 * SimulationSettings.MILLIS);
        int mostChunks = chance.happens(0.2) ? chance.below(20) : Integer.MAX_VALUE;
        cluster.time().after(transferNanos, () -> {
            boolean isDelivered = parcel != null && carry(sender, from, peer, install, parcel, mostChunks);
            if (parcel != null && isDelivered && isPlayedAgain(install)) {
                cluster.time().after(SimulationSettings.SECONDS + 20 * transferNanos, () -> {
                    if (carry(sender, from, peer, install, parcel, Integer.MAX_VALUE)) {
                        marks().hit("snapshot: one of long ago came again");
                    }
                });
            }
            after(sender, 0, () -> ended.accept(isDelivered));
        });
    }

    private boolean carry(
            NodeProcess sender,
            NodeId from,
            NodeId peer,
            InstallSnapshot install,
            SnapshotCourier.Parcel parcel,
            int mostChunks) {
        int to = cluster.placeOf(peer);
        return to >= 0
                && !cluster.network().isCut(place, to)
                && cluster.node(to).receiveSnapshot(sender, from, peer, install, parcel, mostChunks);
    }

    /** Every third, where messages are played again. */
    private boolean isPlayedAgain(InstallSnapshot install) {
        return settings().network().replay() > 0 && install.snapshot().last().index() % 3 == 0;
    }

    /** @return whether all of it has arrived; false as well if the power was cut meanwhile */
    private boolean receiveSnapshot(
            NodeProcess sender,
            NodeId from,
            NodeId as,
            InstallSnapshot install,
            SnapshotCourier.Parcel parcel,
            int mostChunks) {
        NodeProcess running = process;
        if (running == null || isPaused || !as.equals(id)) {
            return false;
        }
        boolean[] isComplete = {false};
        guarded(() -> running.receive(sender, () -> {
            isComplete[0] = SnapshotCourier.deliver(parcel, running.recovered().snapshotStore(), mostChunks, marks());
            if (isComplete[0]) {
                marks().hit("snapshot: transferred");
                reached(running, Moment.SNAPSHOT_RECEIVED);
                running.received(
                        sender,
                        from,
                        new InstallSnapshot(install.term(), parcel.manifest().metadata()));
            }
        }));
        return isComplete[0];
    }

    /** Something has arrived for a member that is believed to live here. */
    private void receive(NodeProcess sender, NodeId as, Consumer<NodeProcess> arrival) {
        NodeProcess running = process;
        if (running != null && as.equals(id)) {
            run(running, () -> running.receive(sender, () -> arrival.accept(running)));
        }
    }

    /** A member does not let this one in. */
    void turnedAway(String why) {
        if (drive.isExchanged()) {
            marks().hit("handshake: one with another disk was turned away");
            isToBeReplaced = true;
            return;
        }
        if (drive.hasOldCount() && why.contains("came back with an old copy of its data folder")) {
            // The count of its starts is what it was once: nobody can tell that from an old copy of the folder.
            marks().hit("handshake: one with a sector of before was turned away");
            isToBeReplaced = true;
            return;
        }
        throw new InvariantViolation("I16 identity", "node " + id + " is turned away: " + why);
    }

    // ---- clients ---------------------------------------------------------------------------------------------------

    void call(Operation operation, Reply.Sink sink) {
        NodeProcess running = process;
        if (running == null) {
            sink.reply(Reply.Failed.unsent());
            return;
        }
        OpenCall open = new OpenCall(sink);
        openCalls.add(open);
        run(running, () -> running.call(operation, open));
    }

    /** A call over a connection that breaks when the process ends. */
    private final class OpenCall implements Reply.Sink {
        private final Reply.Sink client;

        OpenCall(Reply.Sink client) {
            this.client = client;
        }

        @Override
        public void reply(Reply reply) {
            if (openCalls.remove(this)) {
                client.reply(reply);
            }
        }
    }

    /** A call of a session, or with null one that opens it; whoever is not there says nothing. */
    void numbered(@Nullable CallId call, Command command, Consumer<ProposalResult> answer) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.propose(Caller.NOBODY.making(call), command, answer));
        }
    }

    /** Runs this in the process, if there is one that is not paused. */
    void ask(Consumer<NodeProcess> question) {
        NodeProcess running = process;
        if (running != null && !isPaused) {
            run(running, () -> question.accept(running));
        }
    }

    /** For planted bugs: tells a client that its write is done, whatever became of it. */
    void acknowledgeBlindly(Operation operation, Reply.Sink sink, long revision) {
        CommandResult result = switch (operation.kind()) {
            case PUT -> new CommandResult.Put(revision, null);
            case DELETE ->
                new CommandResult.Txn(revision, true, List.of(new CommandResult.DeleteRange(revision, 1, List.of())));
            default -> new CommandResult.Txn(revision, true, List.of());
        };
        sink.reply(new Reply.Written(result));
    }

    // ---- life and death --------------------------------------------------------------------------------------------

    void start() {
        if (process != null || isKeptDown || !isMember || isToBeReplaced) {
            return;
        }
        starts++;
        drive.starts();
        if (crashesAtStart > 0) {
            crashesAtStart--;
            armPowerCut(chance.below(80), chance.around(30 * SimulationSettings.MILLIS));
        }
        guarded(() -> {
            NodeProcess started = NodeProcess.recover(this);
            process = started;
            started.begin();
        });
    }

    /** This machine, which is spare, becomes that member, which the cluster has a place for. */
    void join(NodeId as) {
        id = as;
        isFounder = false;
        isMember = true;
        isToBeReplaced = false;
        drive.renew();
        trace().line(name, "joins", "as " + as);
        marks().hit("member: joined");
        start();
    }

    /** The member that lives here ends for good: it was removed. */
    void leave() {
        if (process != null) {
            trace().line(name, "leaves", "as " + id);
            marks().hit("member: left");
            crash(false, 0);
            becomeSpare();
        }
    }

    /** The operator takes this machine out, whatever runs on it. */
    void decommission() {
        crash(false, 0);
        becomeSpare();
    }

    private void becomeSpare() {
        isMember = false;
    }

    /** Another disk is in this machine now. */
    void replaceDisk(FaultyDisk other) {
        judge().lostItsDisk(id);
        drive.exchange(other);
    }

    FaultyDisk copyOfDisk() {
        return drive.copy();
    }

    void rot(Rot rot) {
        String done = drive.rot(rot, starts);
        if (done != null) {
            judge().rots(id);
            trace().line(name, "rots", done);
        }
    }

    /** Whoever lives here now is whole again; but what rotted under it shows at its next start at the earliest. */
    void healed() {
        if (drive.isRotten() && !drive.hasShownItsRot(starts)) {
            return;
        }
        if (drive.isRotten()) {
            marks().hit("disk: what damage took was made up for");
        }
        drive.isWholeAgain();
        judge().whole(id);
    }

    boolean isToBeReplaced() {
        return isToBeReplaced;
    }

    long starts() {
        return starts;
    }

    int place() {
        return place;
    }

    boolean isFounder() {
        return isFounder;
    }

    /** Whether a member lives here, running or not. */
    boolean isMember() {
        return isMember;
    }

    /** @param isPowerCut whether what was not synced is at risk; otherwise only the process dies */
    void crash(boolean isPowerCut, long downNanos) {
        NodeProcess running = process;
        if (running == null) {
            return;
        }
        trace().line(name, isPowerCut ? "power cut" : "killed", "");
        guardedInterrupt(running);
        die(isPowerCut, downNanos);
    }

    private void guardedInterrupt(NodeProcess running) {
        try {
            running.interrupt();
        } catch (InvariantViolation e) {
            throw e;
        } catch (RuntimeException e) {
            if (!drive.isInTrouble() || !DiskTrouble.explains(e)) {
                throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
            }
            marks().hit("crash: while the disk was in trouble");
        } catch (AssertionError e) {
            throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
        }
    }

    private void die(boolean isPowerCut, long downNanos) {
        process = null;
        cluster.engines().ended(this);
        isPaused = false;
        held.clear();
        drive.disarm();
        List<OpenCall> cutOff = List.copyOf(openCalls);
        if (isPowerCut) {
            // Of a machine that lost power nobody hears anything.
            openCalls.clear();
            drive.losePower(new Random(chance.anyLong()));
        } else {
            cutOff.forEach(call -> call.reply(Reply.Failed.cutOff()));
            drive.loseProcess();
        }
        drive.ended();
        cluster.lostConnections(this);
        long generation = starts;
        cluster.time().after(downNanos, () -> {
            if (starts == generation) {
                start();
            }
        });
    }

    /** Cuts the power before the operation after the next {@code operations}. */
    void armPowerCut(int operations, long downNanos) {
        downNanosAfterCut = downNanos;
        drive.armPowerCut(operations);
    }

    /** Takes the place of what waited there before. */
    void lieInWait(Ambush ambush) {
        ambushes.put(ambush.moment(), ambush);
    }

    /** A process has come to this point of its work; something may wait for it there. */
    void reached(NodeProcess owner, Moment moment) {
        Ambush waiting = process == owner ? ambushes.remove(moment) : null;
        if (waiting == null) {
            return;
        }
        marks().hit("ambush: " + moment);
        trace().line(name, "ambushed", waiting.deed() + " at " + moment);
        switch (waiting.deed()) {
            case KILL -> endAt(moment, false, waiting.lengthNanos());
            case POWER_CUT -> endAt(moment, true, waiting.lengthNanos());
            case POWER_CUT_SOON -> armPowerCut(waiting.operations(), waiting.lengthNanos());
            case PAUSE -> {
                pause();
                cluster.time().after(waiting.lengthNanos(), this::resume);
            }
            case STALL -> owner.holdUpDriver(waiting.lengthNanos());
        }
    }

    private void endAt(Moment moment, boolean isPowerCut, long downNanos) {
        marks().hit("crash: at " + moment);
        die(isPowerCut, downNanos);
        throw new Ambush.Sprung();
    }

    /** Lets the rest of the world go on while a thread of this process stands still; longer, if all of it is paused by then. */
    void standStill(NodeProcess owner, long nanos) {
        VirtualTime time = cluster.time();
        long endNanos = time.nowNanos() + nanos;
        while (process == owner && (isPaused || time.nowNanos() < endNanos)) {
            time.runNext(isPaused ? Long.MAX_VALUE : endNanos);
            trace().mix(time.nowNanos());
        }
        if (process != owner) {
            throw new Ambush.Sprung();
        }
    }

    /** The next starts of this machine end in power cuts. */
    void crashAtStarts(int count) {
        crashesAtStart = count;
    }

    void clockJump(long nanos) {
        clockAheadNanos += nanos;
    }

    /** @param isPowerCutAfter whether the process that ends of it takes the machine with it */
    void failSyncs(long lengthNanos, boolean isPowerCutAfter) {
        if (process == null) {
            return;
        }
        drive.failSyncs(isPowerCutAfter);
        cluster.time().after(lengthNanos, drive::syncAgain);
    }

    /** @param roomBytes that are left */
    void fillDisk(int roomBytes, long lengthNanos) {
        drive.fill(roomBytes);
        cluster.time().after(lengthNanos, drive::makeRoom);
    }

    boolean isDiskFull() {
        return drive.isFull();
    }

    void pause() {
        if (process != null) {
            isPaused = true;
        }
    }

    void resume() {
        if (!isPaused) {
            return;
        }
        isPaused = false;
        Deque<Runnable> missed = new ArrayDeque<>(held);
        held.clear();
        missed.forEach(Runnable::run);
    }

    void slowDisk(long extraNanos) {
        extraSyncNanos = extraNanos;
    }

    void slowApply(long extraNanos) {
        extraApplyNanos = extraNanos;
    }

    /** The connection to a peer has broken: it died, or was silent for too long. */
    void connectionLost(NodeId peer) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.unreachable(peer));
        }
    }

    /** Its transport takes a peer for ended, rightly or not. */
    void believesGone(NodeId peer) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.gone(peer));
        }
    }

    /** Takes this machine out for good, until {@link #heal}. */
    void keepDown() {
        crash(true, 0);
        isKeptDown = true;
    }

    /** All faults of this machine end. */
    void heal() {
        isKeptDown = false;
        drive.disarm();
        ambushes.clear();
        crashesAtStart = 0;
        drive.syncAgain();
        drive.makeRoom();
        slowDisk(0);
        slowApply(0);
        resume();
        start();
    }

    /** Whether there is a process, paused or not. */
    boolean isRunning() {
        return process != null;
    }

    boolean isRunning(NodeProcess life) {
        return process == life;
    }

    boolean isUp() {
        return process != null && !isPaused;
    }

    @Nullable NodeView view() {
        NodeProcess running = process;
        return running == null ? null : running.view();
    }

    /** The running process; only for a node that {@link #isUp}. */
    NodeProcess process() {
        return Objects.requireNonNull(process);
    }
}

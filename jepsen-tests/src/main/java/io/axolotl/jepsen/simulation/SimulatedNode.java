package io.axolotl.jepsen.simulation;

import io.axolotl.raft.ElectionTimeouts;
import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.InstallSnapshot;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The machine that a node runs on: its disk, its clock, and at most one running {@link NodeProcess}. Survives what the
 * process does not.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedNode {
    /** The data folder of every node, on its own disk. */
    static final Path FOLDER = Path.of("/member");

    private static final String HARD_STATE = "hardstate";

    private final Cluster cluster;
    private final int place;
    private final NodeId id;
    private final String name;
    private final Chance chance;
    private final FaultyDisk faultyDisk;
    private final DiskObserver disk;
    private final Disk visibleDisk;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private final double clockRate;
    private @Nullable NodeProcess process;
    private boolean isPaused;
    private boolean isKeptDown;
    private long downNanosAfterCut;
    private long starts;
    private long extraSyncNanos;
    private long extraApplyNanos;

    SimulatedNode(Cluster cluster, int place, NodeId id, Chance chance) {
        this.cluster = cluster;
        this.place = place;
        this.id = id;
        this.name = "n" + (place + 1);
        this.chance = chance;
        this.clockRate = 1 + cluster.settings().clockDrift() * (chance.fraction() * 2 - 1);
        this.faultyDisk = new FaultyDisk();
        this.disk = new DiskObserver(logFolder(), FOLDER.resolve(HARD_STATE));
        this.visibleDisk = cluster.bug() == PlantedBug.NONE
                ? faultyDisk
                : new LyingDisk(faultyDisk, cluster.bug(), logFolder(), FOLDER.resolve(HARD_STATE));
        faultyDisk.createDirectories(FOLDER);
        faultyDisk.before(disk);
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
        return disk;
    }

    /** The disk as the node's code sees it. */
    Disk visibleDisk() {
        return visibleDisk;
    }

    Path logFolder() {
        return FOLDER.resolve("wal");
    }

    WalOptions walOptions() {
        int segment = settings().disk().segmentSizeBytes();
        return new WalOptions(segment, segment / 2, 1);
    }

    HardStateFile openHardState() {
        Path file = FOLDER.resolve(HARD_STATE);
        if (!visibleDisk.exists(file)) {
            HardStateFile.create(visibleDisk, file);
        }
        return HardStateFile.open(visibleDisk, file);
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
        return settings().clockOriginNanos() + (long) (cluster.time().nowNanos() * clockRate);
    }

    ElectionTimeouts electionTimeouts() {
        return minimumNanos -> minimumNanos + chance.between(0L, minimumNanos - 1);
    }

    long syncNanos() {
        SimulationSettings.DiskModel model = settings().disk();
        return model.syncNanos() + chance.around(model.syncJitterNanos()) + extraSyncNanos;
    }

    long applyNanos(int entries) {
        return (20 + 5L * entries) * SimulationSettings.MICROS + extraApplyNanos;
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

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (SimulatedCrash e) {
            trace().line(name, "power cut", "before " + disk.cutBefore());
            marks().hit("crash: between two disk operations");
            die(true, downNanosAfterCut);
        } catch (InvariantViolation e) {
            throw e;
        } catch (RuntimeException | AssertionError e) {
            throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
        }
    }

    void traced(TraceEvent event) {
        String kind = event.getClass().getSimpleName();
        marks().hit("core: " + kind);
        if (!(event instanceof TraceEvent.ReadsConfirmed) && !(event instanceof TraceEvent.MessageIgnored)) {
            trace().line(name, kind, fieldsOf(event));
        }
    }

    private static String fieldsOf(TraceEvent event) {
        String text = event.toString();
        return text.substring(text.indexOf('[') + 1, text.length() - 1);
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    void send(Envelope envelope) {
        int to = cluster.ids().indexOf(envelope.to());
        if (envelope.message() instanceof InstallSnapshot install) {
            transferSnapshot(to, install);
        } else {
            cluster.network().send(place, to, envelope.message());
        }
    }

    /** The files travel first, for a while; the message reaches the other core when all of them have arrived. */
    private void transferSnapshot(int to, InstallSnapshot install) {
        NodeProcess sender = Objects.requireNonNull(process);
        Optional<NodeStore.Sent> sent = sender.store().read(install.snapshot().last());
        long transferNanos = 5 * SimulationSettings.MILLIS + chance.around(100 * SimulationSettings.MILLIS);
        int mostChunks = chance.happens(0.2) ? chance.below(20) : Integer.MAX_VALUE;
        cluster.time().after(transferNanos, () -> {
            SimulatedNode target = cluster.node(to);
            boolean isReachable =
                    sent.isPresent() && target.isUp() && !cluster.network().isCut(place, to);
            if (!isReachable || !target.receiveSnapshot(id, install, sent.get(), mostChunks)) {
                marks().hit("snapshot transfer failed");
                after(
                        sender,
                        0,
                        () -> sender.offer(
                                new Input.SnapshotFailed(cluster.ids().get(to))));
            }
        });
    }

    /** @return whether all of it has arrived; false as well if the power was cut meanwhile */
    private boolean receiveSnapshot(NodeId from, InstallSnapshot install, NodeStore.Sent sent, int mostChunks) {
        NodeProcess running = process();
        boolean[] isComplete = {false};
        guarded(() -> isComplete[0] = running.store().receive(sent, mostChunks));
        if (isComplete[0]) {
            marks().hit("snapshot transferred");
            receive(from, install);
        }
        return isComplete[0];
    }

    void receive(NodeId from, Message message) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.receive(from, message));
        }
    }

    // ---- clients ---------------------------------------------------------------------------------------------------

    void call(Operation operation, int attempt, Reply.Sink sink) {
        NodeProcess running = process;
        if (running == null) {
            sink.reply(new Reply.NotTaken(null));
            return;
        }
        run(running, () -> running.call(operation, attempt, sink));
    }

    void compact(long number, long revision) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.compact(number, revision));
        }
    }

    /** For planted bugs: tells a client that its write is done, whatever became of it. */
    void acknowledgeBlindly(Operation operation, Reply.Sink sink, long revision) {
        CommandResult result = switch (operation.kind()) {
            case PUT -> new CommandResult.Put(revision, null);
            case DELETE -> new CommandResult.DeleteRange(revision, 1, List.of());
            default -> new CommandResult.Txn(revision, true, List.of());
        };
        sink.reply(new Reply.Written(result));
    }

    void transferLeadership(NodeId target) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.offer(new Input.TransferLeadership(target)));
        }
    }

    void changeMembership(MembershipChange change) {
        NodeProcess running = process;
        if (running != null) {
            trace().line(name, "asked for", change.toString());
            run(running, () -> running.changeMembership(change));
        }
    }

    // ---- life and death --------------------------------------------------------------------------------------------

    void start() {
        if (process != null || isKeptDown) {
            return;
        }
        starts++;
        guarded(() -> process = NodeProcess.recover(this, cluster.membership()));
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
        } catch (RuntimeException | AssertionError e) {
            throw new InvariantViolation("I11 a node never stops by itself", "node " + id + " stopped: " + e, e);
        }
    }

    private void die(boolean isPowerCut, long downNanos) {
        process = null;
        isPaused = false;
        held.clear();
        disk.disarm();
        if (isPowerCut) {
            faultyDisk.crash(new Random(chance.anyLong()));
        } else {
            faultyDisk.kill();
        }
        faultyDisk.before(disk);
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
        disk.armPowerCut(operations);
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
            run(running, () -> running.offer(new Input.PeerUnreachable(peer)));
        }
    }

    /** Its transport takes a peer for ended, rightly or not. */
    void believesGone(NodeId peer) {
        NodeProcess running = process;
        if (running != null) {
            run(running, () -> running.offer(new Input.PeerGone(peer)));
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
        disk.disarm();
        slowDisk(0);
        slowApply(0);
        resume();
        start();
    }

    /** Whether there is a process, paused or not. */
    boolean isRunning() {
        return process != null;
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

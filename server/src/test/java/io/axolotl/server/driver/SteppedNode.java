package io.axolotl.server.driver;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.Ready;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.Wal;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own driver, log writer and applier without a thread, for whoever makes time: each turn of each stage is
 * called by hand, as {@code StageThread} would call it. What {@link Pipeline} adds to {@link Stages} are threads, their
 * watchdog and leases.
 *
 * <p>Between driver and core stands a {@link Watch}.
 *
 * <p>Confined to one thread.
 */
public final class SteppedNode {
    private static final Logger log = LoggerFactory.getLogger(SteppedNode.class);

    /** Sees all that goes into the core and all that comes out, and may bend it. */
    public interface Watch {
        /** The log that the core is given to read. */
        default LogReader log(LogReader log) {
            return log;
        }

        /** @return what is stepped into the core instead; null for nothing */
        default @Nullable Input stepping(Input input) {
            return input;
        }

        /**
         * @param view of the core after it
         * @return what the driver is given instead
         */
        Ready took(Ready ready, NodeView view);
    }

    /** What stage threads are for: called when a stage that had nothing to do has something. */
    public record Wakers(Waker driver, Waker logWriter, Waker applier) {}

    private final Stages stages;
    private final Intake intake;
    private final WatchedCore core;

    /**
     * @param worker does what takes long, one after the other and later than the call
     * @param random of the node's own chance, as when an election is due
     * @param clock monotonic; from anywhere
     */
    public SteppedNode(
            RecoveredState recovered,
            RaftConfig raft,
            Tuning tuning,
            PeerTransport transport,
            Executor worker,
            RandomGenerator random,
            LongSupplier clock,
            Watch watch,
            Wakers wakers) {
        PipelineMetrics metrics =
                new PipelineMetrics(new MetricRegistry(), recovered.identity().memberId(), Set.of());
        WatchedCore[] made = new WatchedCore[1];
        this.intake = new Intake(metrics);
        this.stages = new Stages(
                recovered,
                raft,
                tuning,
                new Stages.Ground(
                        transport,
                        intake,
                        metrics,
                        worker,
                        random,
                        clock,
                        () -> worker.execute(() -> prepareNextSegment(recovered.wal())),
                        () -> worker.execute(() -> recovered.liveState().closeRetired()),
                        recovered.knownStores()::vouch,
                        roster -> {},
                        start -> {
                            made[0] = new WatchedCore(Core.of(start.withLog(watch.log(start.log()))), watch);
                            return made[0];
                        }));
        this.core = made[0];
        stages.driver.wakes(wakers.driver);
        stages.logWriter.wakes(wakers.logWriter);
        stages.applier.wakes(wakers.applier);
    }

    /** As {@link Pipeline} does it. */
    public static void prepareNextSegment(Wal wal) {
        try {
            wal.prepareNextSegment();
        } catch (DiskFullException e) {
            log.warn("there is no room to make the next part of the log ready: {}", e.getMessage());
        }
    }

    // ---- turns ----

    public void driverTurn() {
        stages.driver.runOnce();
    }

    /** How long the driver may sleep as far as reads go. */
    public long readsParkNanos() {
        return stages.reads.maxParkNanos();
    }

    /** Whether the log writer has something to write. */
    public boolean hasWrites() {
        return stages.logWriter.hasWork();
    }

    /** A sync has begun that {@link #writeTurn} ends; only if something will be synced. */
    public void syncBegan() {
        stages.diskWatch.began();
    }

    public void writeTurn() {
        stages.logWriter.runOnce();
    }

    /** @return whether another turn should follow at once */
    public boolean applyTurn() {
        return stages.applier.runOnce();
    }

    /** Looks at the room on the disk, if anybody does. */
    public void spaceTurn() {
        DiskSpace space = stages.space;
        if (space != null) {
            space.runOnce();
        }
    }

    // ---- what arrives ----

    public PeerInbox inbox() {
        return intake;
    }

    /** Something for the core that is none of the peers'. */
    public void offer(Input input) {
        intake.queue().add(new Arrival.OfCore(input), 0);
    }

    /** As {@link Pipeline#propose}. */
    public void propose(Caller caller, Command command, NodeService.ProposalCallback callback) {
        if (stages.hasNoRoomFor(command)) {
            callback.on(new NodeService.ProposalResult.Refused(NodeService.Failure.DISK_FULL));
        } else if (isTrusted()) {
            stages.proposals.propose(caller, command, callback);
        } else {
            callback.on(new NodeService.ProposalResult.Refused(NodeService.Failure.QUARANTINED));
        }
    }

    /** As {@link Pipeline#readBarrier}. */
    public void readBarrier(NodeService.ReadCallback callback) {
        if (isTrusted()) {
            stages.reads.ask(callback);
        } else {
            callback.on(NodeService.Failure.QUARANTINED);
        }
    }

    public void moveLeader(NodeId target) {
        stages.driver.move(new Arrival.Move(target, failure -> {}));
    }

    /** For a planted bug: the log is emptied as for an installed snapshot, which was not installed. */
    public void resetLogOnly(SnapshotMetadata snapshot) {
        stages.logWriter.addReset(snapshot.last(), () -> offer(new Input.SnapshotInstalled(snapshot)));
    }

    /** For a planted bug: the log is emptied, and nobody is told. */
    public void emptyLog(SnapshotMetadata snapshot) {
        stages.logWriter.addReset(snapshot.last(), () -> {});
    }

    // ---- looks ----

    /** The core as it is now. */
    public NodeView view() {
        return core.view();
    }

    /** The live state machine; another one after a snapshot was installed. */
    public KvStateMachine store() {
        return stages.applier.store();
    }

    public long appliedIndex() {
        return stages.applier.appliedIndex();
    }

    /** Whether the state may be served. */
    public boolean isTrusted() {
        return stages.applier.isTrusted();
    }

    private static final class WatchedCore implements Core {
        private final Core core;
        private final Watch watch;

        WatchedCore(Core core, Watch watch) {
            this.core = core;
            this.watch = watch;
        }

        @Override
        public void step(Input input) {
            Input stepped = watch.stepping(input);
            if (stepped != null) {
                core.step(stepped);
            }
        }

        @Override
        public Ready takeReady() {
            Ready ready = core.takeReady();
            return isSilent(ready) ? ready : watch.took(ready, core.view());
        }

        private static boolean isSilent(Ready ready) {
            return ready.trace().isEmpty()
                    && ready.sendNow().isEmpty()
                    && ready.sendAfterPersist().isEmpty()
                    && ready.committed().isEmpty()
                    && ready.entriesToPersist().isEmpty()
                    && ready.readStates().isEmpty()
                    && ready.proposalOutcomes().isEmpty()
                    && ready.hardState() == null
                    && ready.persistToken() == null
                    && ready.snapshotToInstall() == null;
        }

        @Override
        public NodeView view() {
            return core.view();
        }

        @Override
        public EntryId logPrevious() {
            return core.logPrevious();
        }
    }
}

package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.RaftNode;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.LiveState;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.StageThread;
import io.axolotl.server.stage.Watchdog;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.Wal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a write (design part 2), put together: driver, log writer, applier and the worker beside them, with the queues
 * between them, on as many threads as the settings say.
 *
 * <p>Safe for all threads; {@link #start} and one of the ends are called once.
 */
public final class Pipeline implements NodeService {
    private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

    /** A member that falls this far behind with applying takes no proposals, as etcd's does not. */
    private static final long MAX_APPLY_LAG_ENTRIES = 5_000;

    /** Request numbers count up from a random start, so that those of an earlier life of this member are not met again. */
    private static final int COUNTER_BITS = 40;

    private static final long DRIVER_TURN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long DISK_TURN_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long READERS_GRACE_SECONDS = 5;

    private final NodeId self;
    private final long clusterId;
    private final LiveState liveState;
    private final Wal wal;
    private final Intake intake;
    private final ProposalRegistry proposals;
    private final LinearizableReads reads;
    private final LogWriter logWriter;
    private final Applier applier;
    private final RaftDriver driver;
    private final ExecutorService worker;

    /** In the order of the way of a write, which is the order to stop them in. */
    private final List<StageThread> threads = new ArrayList<>();

    private final Watchdog watchdog;

    /** How long a caller waits at most: 5 s and two elections, as etcd has it. */
    public static long requestTimeoutNanos(RaftConfig raft) {
        return TimeUnit.SECONDS.toNanos(5) + 2 * raft.electionTimeoutNanos();
    }

    /** @throws IllegalArgumentException if the recovered pieces do not fit together */
    public Pipeline(
            RecoveredState recovered,
            RaftConfig raft,
            Tuning tuning,
            PeerTransport transport,
            Intake intake,
            PipelineMetrics metrics,
            DiskMonitor diskMonitor,
            FatalHandler fatal) {
        this.self = recovered.identity().memberId();
        this.clusterId = recovered.identity().clusterId();
        this.liveState = recovered.liveState();
        this.wal = recovered.wal();
        this.intake = intake;
        String prefix = "axolotl-" + self + "-";
        this.worker = Executors.newSingleThreadExecutor(ProcessThreads.factory(prefix + "worker", fatal));
        KvStateMachine state = recovered.stateMachine();
        long timeoutNanos = requestTimeoutNanos(raft);
        TimeoutCause timeoutCause = new TimeoutCause(self, state.membership(), transport, raft.electionTimeoutNanos());
        SecureRandom random = new SecureRandom();
        this.proposals = new ProposalRegistry(
                self,
                random.nextLong() << COUNTER_BITS,
                new ProposalRegistry.Limits(
                        tuning.maxPendingProposals(),
                        tuning.maxPendingBytes(),
                        MAX_APPLY_LAG_ENTRIES,
                        tuning.maxPayloadBytes(),
                        timeoutNanos),
                intake.queue(),
                transport,
                timeoutCause,
                this::applyLagEntries,
                metrics);
        this.logWriter = new LogWriter(
                wal,
                recovered.hardStateFile(),
                transport,
                intake.queue(),
                () -> worker.execute(this::prepareNextSegment),
                metrics);
        SnapshotScheduler snapshots = new SnapshotScheduler(
                new SnapshotScheduler.Rules(tuning.snapshotEntries(), tuning.maxLogBytes(), tuning.tailEntries()),
                recovered.snapshot().last().index(),
                recovered.liveState()::makeSnapshot,
                wal::sizeBytes,
                intake.queue(),
                worker,
                metrics);
        this.applier = new Applier(
                state,
                proposals::applied,
                recovered.liveState(),
                snapshots,
                logWriter,
                intake.queue(),
                this::closeRetiredLater,
                metrics);
        this.reads = new LinearizableReads(
                applier::answerReads, timeoutCause, random.nextLong() << COUNTER_BITS, timeoutNanos, metrics);
        RaftNode node = new RaftNode(
                self,
                raft,
                minimumNanos -> minimumNanos + random.nextLong(minimumNanos),
                recovered.hardState(),
                recovered.snapshot(),
                wal,
                state.applied().index(),
                System.nanoTime());
        this.driver = new RaftDriver(
                node,
                intake.queue(),
                new ReadyRunner(transport, logWriter, applier),
                logWriter,
                proposals,
                reads,
                new LeaderMoves(2 * raft.electionTimeoutNanos()),
                timeoutCause,
                new TraceLog(self),
                metrics,
                System::nanoTime,
                raft.heartbeatIntervalNanos());
        this.watchdog = new Watchdog(assignThreads(prefix, tuning, fatal), System::nanoTime, fatal);
        metrics.register(new LiveGauges(diskMonitor));
    }

    private List<Watchdog.Watched> assignThreads(String prefix, Tuning tuning, FatalHandler fatal) {
        List<Stage> shared = new ArrayList<>(List.of(driver));
        if (tuning.isLogWriterFused()) {
            shared.add(logWriter);
        }
        if (tuning.isApplierFused()) {
            shared.add(applier);
        }
        threads.add(new StageThread(prefix + "driver", Stage.fused(shared.toArray(new Stage[0])), fatal));
        if (!tuning.isLogWriterFused()) {
            threads.add(new StageThread(prefix + "log", logWriter, fatal));
        }
        if (!tuning.isApplierFused()) {
            threads.add(new StageThread(prefix + "apply", applier, fatal));
        }
        List<Watchdog.Watched> watched = new ArrayList<>();
        for (StageThread thread : threads) {
            boolean isDriverAlone = thread == threads.get(0) && shared.size() == 1;
            watched.add(new Watchdog.Watched(thread, isDriverAlone ? DRIVER_TURN_NANOS : DISK_TURN_NANOS));
        }
        return watched;
    }

    public void start() {
        threads.forEach(StageThread::start);
        watchdog.start("axolotl-" + self + "-watchdog");
        worker.execute(this::prepareNextSegment);
    }

    private void prepareNextSegment() {
        try {
            wal.prepareNextSegment();
        } catch (DiskFullException e) {
            log.warn("there is no room to make the next part of the log ready: {}", e.getMessage());
        }
    }

    /** Whoever asked for the store just before it was replaced gets the time to read from it. */
    private void closeRetiredLater() {
        CompletableFuture.delayedExecutor(READERS_GRACE_SECONDS, TimeUnit.SECONDS, this::onWorkerUnlessStopped)
                .execute(() -> {
                    if (!liveState.closeRetired()) {
                        closeRetiredLater();
                    }
                });
    }

    private void onWorkerUnlessStopped(Runnable work) {
        try {
            worker.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("this node stops; whoever closes it closes the retired state too", e);
        }
    }

    private long applyLagEntries() {
        return Math.max(0, driver.view().commitIndex() - applier.appliedIndex());
    }

    @Override
    public NodeId self() {
        return self;
    }

    @Override
    public long clusterId() {
        return clusterId;
    }

    @Override
    public NodeView view() {
        return driver.view();
    }

    @Override
    public KvStateMachine store() {
        return applier.store();
    }

    /** The last applied index, newer than that of {@link #view}. */
    public long appliedIndex() {
        return applier.appliedIndex();
    }

    /** The snapshot that was installed last since the start, or null. */
    public @Nullable EntryId lastInstalled() {
        return applier.lastInstalled();
    }

    @Override
    public void propose(Command command, ProposalCallback callback) {
        proposals.propose(command, callback);
    }

    @Override
    public void readBarrier(ReadCallback callback) {
        reads.ask(callback);
    }

    @Override
    public void moveLeader(NodeId target, MoveLeaderCallback callback) {
        driver.move(new Arrival.Move(target, callback));
    }

    // ---- the end ----

    /** Takes no more calls, and waits, but not long, until those that were taken have been answered. */
    public void closeIntake(long patienceNanos) {
        proposals.close();
        reads.close();
        long deadlineNanos = System.nanoTime() + patienceNanos;
        while (proposals.pending() > 0 && System.nanoTime() - deadlineNanos < 0) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Ends the threads, each after it has finished what it was given, and answers whoever still waits. */
    public void stop() {
        watchdog.stop();
        threads.forEach(StageThread::stopAndJoin);
        settle();
    }

    /** Ends the threads where they stand. */
    public void abort() {
        watchdog.stop();
        threads.forEach(StageThread::abort);
        threads.forEach(StageThread::join);
        settle();
    }

    private void settle() {
        proposals.settle();
        reads.settle();
        driver.settle();
        worker.shutdown();
        try {
            if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
                log.warn("a snapshot that was being made is given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class LiveGauges implements PipelineMetrics.Gauges {
        private final DiskMonitor diskMonitor;

        LiveGauges(DiskMonitor diskMonitor) {
            this.diskMonitor = diskMonitor;
        }

        @Override
        public boolean hasLeader() {
            return view().leader() != null;
        }

        @Override
        public boolean isLeader() {
            return view().isLeader();
        }

        @Override
        public boolean isLearner() {
            return view().membership().learners().contains(self);
        }

        @Override
        public long commitIndex() {
            return view().commitIndex();
        }

        @Override
        public long appliedIndex() {
            return applier.appliedIndex();
        }

        @Override
        public long pendingProposals() {
            return proposals.pending();
        }

        @Override
        public long pendingProposalBytes() {
            return proposals.pendingBytes();
        }

        @Override
        public long driverQueueDepth() {
            return intake.queue().depth();
        }

        @Override
        public long driverQueueBytes() {
            return intake.queue().bytes();
        }

        @Override
        public long oldestDiskOperationNanos() {
            return diskMonitor.oldestRunningNanos();
        }

        @Override
        public long logBytes() {
            return wal.sizeBytes();
        }
    }
}

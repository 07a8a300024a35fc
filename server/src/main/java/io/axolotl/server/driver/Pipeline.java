package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.PeerQuestions.Readiness;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.LiveState;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.Lender;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.StageThread;
import io.axolotl.server.stage.Watchdog;
import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import io.axolotl.storage.wal.Wal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a write (design part 2), put together: driver, log writer, applier and the helpers beside them, with the queues
 * between them, on as many threads as the settings say.
 *
 * <p>Safe for all threads; {@link #start} and one of the ends are called once.
 */
public final class Pipeline implements NodeService {
    private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

    private static final long DRIVER_TURN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long READERS_GRACE_SECONDS = 5;
    private static final int BUSY_PROPOSALS = 32;

    /** Of the leader's log a learner must hold this much to be promoted, as with etcd (CL-3). */
    private static final double READY_SHARE = 0.9;

    private final NodeId self;
    private final long clusterId;
    private final LiveState liveState;
    private final ArchiveStore archives;
    private final Wal wal;
    private final Intake intake;
    private final PeerTransport transport;
    private final Stages stages;
    private final Leases leases;
    private final StageThread leaseThread;
    private final long shortestLeaseSeconds;
    private final ExecutorService worker;

    /** Makes the log's next file; of its own, since making a snapshot keeps the worker for minutes. */
    private final ExecutorService segmentMaker;

    /** In the order of the way of a write, which is the order to stop them in. */
    private final List<StageThread> threads = new ArrayList<>();

    private final Watchdog watchdog;

    /** Looks at the room on the disk; a disk that hangs may keep it, which holds up nobody. Null if nobody watches. */
    private final @Nullable StageThread spaceThread;

    /**
     * @param onRoster told of every change of who belongs to the cluster, before it is acted upon; must not block
     * @throws IllegalArgumentException if the recovered pieces do not fit together
     */
    public Pipeline(
            RecoveredState recovered,
            RaftConfig raft,
            Tuning tuning,
            PeerTransport transport,
            Intake intake,
            PipelineMetrics metrics,
            DiskMonitor diskMonitor,
            Consumer<Roster> onRoster,
            FatalHandler fatal) {
        this.self = recovered.identity().memberId();
        this.clusterId = recovered.identity().clusterId();
        this.liveState = recovered.liveState();
        this.archives = recovered.archives();
        this.wal = recovered.wal();
        this.intake = intake;
        this.transport = transport;
        String prefix = "axolotl-" + self + "-";
        this.worker = Executors.newSingleThreadExecutor(ProcessThreads.factory(prefix + "worker", fatal));
        this.segmentMaker = Executors.newSingleThreadExecutor(ProcessThreads.factory(prefix + "segments", fatal));
        this.stages = new Stages(
                recovered,
                raft,
                tuning,
                new Stages.Ground(
                        transport,
                        intake,
                        metrics,
                        worker,
                        new SecureRandom(),
                        System::nanoTime,
                        () -> segmentMaker.execute(this::prepareNextSegment),
                        this::closeRetiredLater,
                        recovered.knownStores()::vouch,
                        onRoster,
                        Core::of));
        this.leases = new Leases(
                this, transport, raft.electionTimeoutNanos(), Stages.requestTimeoutNanos(raft), System::nanoTime);
        this.leaseThread = new StageThread(prefix + "leases", leases, fatal);
        this.shortestLeaseSeconds = Leases.shortestSeconds(raft.electionTimeoutNanos());
        this.spaceThread = stages.space == null ? null : new StageThread(prefix + "space", stages.space, fatal);
        this.watchdog = new Watchdog(assignThreads(prefix, tuning, fatal), System::nanoTime, fatal);
        metrics.register(new LiveGauges(diskMonitor));
    }

    private List<Watchdog.Watched> assignThreads(String prefix, Tuning tuning, FatalHandler fatal) {
        List<Stage> shared = new ArrayList<>(List.of(stages.driver));
        if (tuning.isLogWriterFused()) {
            shared.add(stages.logWriter);
        }
        if (tuning.isApplierFused()) {
            shared.add(stages.applier);
        }
        threads.add(new StageThread(
                prefix + "driver",
                Stage.fused(shared.toArray(new Stage[0])),
                fatal,
                shared.size() == 1 ? Lender.EVENT_LOOPS : Lender.NOBODY));
        if (!tuning.isLogWriterFused()) {
            threads.add(new StageThread(prefix + "log", stages.logWriter, fatal));
        }
        if (!tuning.isApplierFused()) {
            threads.add(new StageThread(prefix + "apply", stages.applier, fatal));
        }
        List<Watchdog.Watched> watched = new ArrayList<>();
        for (StageThread thread : threads) {
            boolean isDriverAlone = thread == threads.get(0) && shared.size() == 1;
            watched.add(new Watchdog.Watched(thread, isDriverAlone ? DRIVER_TURN_NANOS : tuning.diskHangNanos()));
        }
        return watched;
    }

    public void start() {
        threads.forEach(StageThread::start);
        if (spaceThread != null) {
            spaceThread.start();
        }
        leaseThread.start();
        watchdog.start("axolotl-" + self + "-watchdog");
        segmentMaker.execute(this::prepareNextSegment);
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

    /** Does this soon, on the thread for what is slow; not if this node stops. */
    public void onWorkerUnlessStopped(Runnable work) {
        try {
            worker.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("this node stops; what was to be done on the worker is done at the end, or by the next start", e);
        }
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
        return stages.driver.view();
    }

    @Override
    public KvStateMachine store() {
        return stages.applier.store();
    }

    @Override
    public Optional<StateArchive> archive(KvStateMachine state) {
        return archives.make(state);
    }

    @Override
    public boolean isTrusted() {
        return stages.applier.isTrusted();
    }

    /** Whether clients keep this member so busy that what can wait should. */
    public boolean isBusy() {
        return stages.proposals.pending() > BUSY_PROPOSALS;
    }

    /** Has a snapshot made in place of one that was lost: soon, or when one is due if the state is in doubt. */
    public void replaceSnapshot() {
        stages.applier.makeSnapshot();
    }

    /** The last applied index, newer than that of {@link #view}. */
    public long appliedIndex() {
        return stages.applier.appliedIndex();
    }

    /** The snapshot that was installed last since the start, or null. */
    public @Nullable EntryId lastInstalled() {
        return stages.applier.lastInstalled();
    }

    @Override
    public void propose(Caller caller, Command command, ProposalCallback callback) {
        if (stages.hasNoRoomFor(command)) {
            callback.on(new ProposalResult.Refused(Failure.DISK_FULL));
        } else if (isTrusted()) {
            stages.proposals.propose(caller, command, callback);
        } else {
            callback.on(new ProposalResult.Refused(Failure.QUARANTINED));
        }
    }

    @Override
    public void readBarrier(ReadCallback callback) {
        if (isTrusted()) {
            stages.reads.ask(callback);
        } else {
            callback.on(Failure.QUARANTINED);
        }
    }

    @Override
    public void moveLeader(NodeId target, MoveLeaderCallback callback) {
        stages.driver.move(new Arrival.Move(target, callback));
    }

    @Override
    public void awaitRoster(Predicate<Roster> reached, long patienceNanos, ReadCallback onReached) {
        stages.rosters.await(reached, System.nanoTime() + patienceNanos, onReached);
    }

    @Override
    public void hearTokens(TokenListener listener) {
        stages.tokens.hear(listener);
    }

    @Override
    public void follow(HistoryFollower follower) {
        stages.applier.follow(follower);
    }

    @Override
    public long connectedSinceNanos(NodeId member) {
        return transport.connectedSinceNanos(member);
    }

    @Override
    public void askReadiness(NodeId learner, ReadinessCallback callback) {
        NodeId leader = view().leader();
        if (leader == null) {
            callback.on(Readiness.NOT_LEADER);
        } else if (leader.equals(self)) {
            callback.on(readiness(learner));
        } else {
            transport.askReadiness(
                    leader, learner, answer -> callback.on(answer == null ? Readiness.NOT_LEADER : answer));
        }
    }

    /** What this node, as leader, has seen of a learner's log (CL-3). */
    public Readiness readiness(NodeId learner) {
        NodeView view = view();
        if (!view.isLeader()) {
            return Readiness.NOT_LEADER;
        }
        if (view.membership().isVoter(learner)) {
            return Readiness.READY;
        }
        // A peer is not always a member: one that was removed is sent to until it knows.
        if (!view.membership().contains(learner)) {
            return Readiness.NOT_FOUND;
        }
        return view.peers().stream()
                .filter(peer -> peer.peer().equals(learner) && isCaughtUp(peer, view))
                .findFirst()
                .map(peer -> Readiness.READY)
                .orElse(Readiness.NOT_READY);
    }

    private static boolean isCaughtUp(NodeView.PeerView learner, NodeView view) {
        return learner.isRecentlyActive()
                && learner.matchIndex() >= READY_SHARE * view.lastLog().index();
    }

    @Override
    public void askLease(LeaseQuestion question, LeaseCallback callback) {
        leases.ask(question, callback);
    }

    @Override
    public long shortestLeaseSeconds() {
        return shortestLeaseSeconds;
    }

    /** Another member asks this one, which it takes for the leader. */
    public void leaseAsked(LeaseQuestion question, Consumer<LeaseAnswer> callback) {
        leases.asked(question, callback);
    }

    // ---- the end ----

    /** Takes no more calls, and waits, but not long, until those that were taken have been answered. */
    public void closeIntake(long patienceNanos) {
        stages.proposals.close();
        stages.reads.close();
        long deadlineNanos = System.nanoTime() + patienceNanos;
        while (stages.proposals.pending() > 0 && System.nanoTime() - deadlineNanos < 0) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Ends the threads, each after it has finished what it was given, and answers whoever still waits. */
    public void stop() {
        watchdog.stop();
        stopHelpers();
        threads.forEach(StageThread::stopAndJoin);
        settle();
    }

    /** Whether the watchdog has found all threads well within that time. */
    public boolean isWatched(long withinNanos) {
        return watchdog.hasSeenAllWellWithin(withinNanos);
    }

    /** Ends the threads where they stand. */
    public void abort() {
        watchdog.stop();
        stopHelpers();
        threads.forEach(StageThread::abort);
        threads.forEach(StageThread::join);
        settle();
    }

    private void stopHelpers() {
        leaseThread.abort();
        leaseThread.join();
        if (spaceThread != null) {
            spaceThread.abort();
            spaceThread.join();
        }
    }

    private void settle() {
        stages.settle();
        leases.settle();
        segmentMaker.shutdown();
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
            return stages.applier.appliedIndex();
        }

        @Override
        public long pendingProposals() {
            return stages.proposals.pending();
        }

        @Override
        public long pendingProposalBytes() {
            return stages.proposals.pendingBytes();
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

        @Override
        public long leaseRenewals() {
            return leases.renewals();
        }

        @Override
        public long leaseExpiries() {
            return leases.expiries();
        }
    }
}

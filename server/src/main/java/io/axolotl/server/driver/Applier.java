package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.recovery.LiveState;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.statemachine.Applied;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what is committed, in order, in runs as large as what has gathered, and answers everybody who waited for it:
 * callers whose command is applied, reads whose index is reached. Installing a snapshot is one of its tasks, so state and
 * applied index change together and no run is ever between two states (pitfall 43).
 *
 * <p>An entry that cannot be applied ends the process: it is neither skipped nor tried twice (pitfall 49).
 *
 * <p>{@link #store}, {@link #appliedIndex} and the methods that add tasks are safe for all threads; the rest is confined
 * to the apply thread, on which callbacks of proposals run, and of those reads that had to wait for it.
 */
final class Applier implements Stage {
    private static final Logger log = LoggerFactory.getLogger(Applier.class);

    /**
     * One atomic write takes at most about this much, so that nobody waits long for the first answer of a run. The state
     * machine ends a run earlier if what it produces grows large.
     */
    private static final long RUN_BYTES = 2 << 20;

    private static final int COMPACT_REVISIONS = 1_000;

    /** While busy, compaction still gets a step this often, or it would never end under load. */
    private static final long COMPACT_EVERY_NANOS = 20_000_000L;

    /** While the disk is full, a run is tried this often. */
    private static final long FULL_WAIT_NANOS = 100_000_000L;

    private static final long FULL_TOLD_EVERY_NANOS = 10_000_000_000L;

    private static final int MAX_REPORTS = 64;

    private static final long PARK_NANOS = 500_000_000L;

    private final ProposalAnswers answers;
    private final LiveState liveState;
    private final SnapshotScheduler snapshots;
    private final LogWriter logWriter;
    private final LogReader logReader;
    private final DivergenceGuard guard;
    private final BatchQueue<Arrival> driverQueue;
    private final RosterWatch rosters;
    private final Runnable onReplaced;
    private final Executor worker;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;

    private final BatchQueue<Task> queue = new BatchQueue<>(Integer.MAX_VALUE, Long.MAX_VALUE);
    private final List<Task> tasks = new ArrayList<>();
    private final List<Entry> run = new ArrayList<>();
    private final List<Task.Reads> waitingReads = new ArrayList<>();
    private long runBytes;
    private long lastCompactNanos;
    private long lastFullNanos;
    private Waker stageThread = Waker.NOBODY;
    /** The stage ends while a run found no room: the state takes nothing more. */
    private boolean hasGivenUp;

    private final AtomicInteger waitingReports = new AtomicInteger();
    private final AtomicBoolean isReclaiming = new AtomicBoolean();

    private final TokenRelay tokens;

    private volatile KvStateMachine live;
    private volatile long appliedIndex;
    private volatile long answeredIndex;
    private volatile @Nullable EntryId lastInstalled;
    private volatile NodeService.HistoryFollower follower = NodeService.HistoryFollower.NOBODY;

    /** Takes the result of an applied command to its caller. */
    interface ProposalAnswers {
        /** Whether the caller of this command is here and still waits. */
        boolean isAwaited(RequestId id);

        void applied(RequestId id, CommandResult result);

        /** It was applied, but what it came to here is in doubt. */
        void appliedInDoubt(RequestId id);
    }

    /** What the applier is asked to do, in order. */
    private sealed interface Task {
        record Run(List<Entry> entries) implements Task {}

        record Install(SnapshotMetadata snapshot) implements Task {}

        record Snapshot() implements Task {}

        record OfHistory(Arrival.OfHistory arrival) implements Task {}

        record Reads(long index, List<LinearizableReads.Waiting> reads) implements Task {}
    }

    /**
     * @param rosters told of the members as of every run
     * @param onReplaced called when a snapshot has taken the place of a state, which waits to be closed
     * @param worker does what takes long, beside the pipeline
     * @param clock monotonic, as {@code System.nanoTime}
     */
    Applier(
            KvStateMachine live,
            ProposalAnswers answers,
            LiveState liveState,
            SnapshotScheduler snapshots,
            LogWriter logWriter,
            LogReader logReader,
            DivergenceGuard guard,
            BatchQueue<Arrival> driverQueue,
            RosterWatch rosters,
            TokenRelay tokens,
            Runnable onReplaced,
            Executor worker,
            LongSupplier clock,
            PipelineMetrics metrics) {
        this.live = live;
        this.appliedIndex = live.applied().index();
        this.answeredIndex = appliedIndex;
        this.answers = answers;
        this.liveState = liveState;
        this.snapshots = snapshots;
        this.logWriter = logWriter;
        this.logReader = logReader;
        this.guard = guard;
        this.driverQueue = driverQueue;
        this.rosters = rosters;
        this.tokens = tokens;
        this.onReplaced = onReplaced;
        this.worker = worker;
        this.clock = clock;
        this.metrics = metrics;
        this.lastCompactNanos = clock.getAsLong();
        this.lastFullNanos = lastCompactNanos - FULL_TOLD_EVERY_NANOS - 1;
        tokens.appliedThrough(appliedIndex);
        guard.opened(live);
        live.whileFull(this::waitForRoom);
    }

    /** A run or an install is held up until the disk takes it: what is committed is neither skipped nor lost. Reads go on. */
    private void waitForRoom(RuntimeException full) {
        long nowNanos = clock.getAsLong();
        if (nowNanos - lastFullNanos > FULL_TOLD_EVERY_NANOS) {
            lastFullNanos = nowNanos;
            log.error(
                    "nothing can be applied, for the disk is full; it is tried until there is room: {}",
                    full.getMessage());
        }
        if (stageThread.isEnding()) {
            throw full;
        }
        LockSupport.parkNanos(this, FULL_WAIT_NANOS);
        stageThread.progressed();
    }

    /** The live state machine; another one after a snapshot was installed. */
    KvStateMachine store() {
        return live;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /**
     * The last entry that was applied here and whose caller has been answered: what the driver concludes from an applied
     * index rests on both. It looks at this by itself at each turn, for to wake it after every run would be one more
     * hand-off per write that nobody waits for.
     */
    long answeredIndex() {
        return answeredIndex;
    }

    /** The snapshot that was installed last since the start, or null. */
    @Nullable EntryId lastInstalled() {
        return lastInstalled;
    }

    /** To be told of what is applied from now on. */
    void follow(NodeService.HistoryFollower newFollower) {
        follower = newFollower;
    }

    /** Unbounded by itself: the core gives out only as much as its bound on applying bytes allows. */
    void apply(List<Entry> committed) {
        queue.add(new Task.Run(committed), 0);
    }

    void install(SnapshotMetadata snapshot) {
        queue.add(new Task.Install(snapshot), 0);
    }

    /** A snapshot is needed that is not there, or not any more. Safe for all threads. */
    void makeSnapshot() {
        queue.add(new Task.Snapshot(), 0);
    }

    /** Takes what concerns the history of what was applied. */
    void historyArrived(Arrival.OfHistory arrival) {
        if (arrival instanceof Arrival.Reported && waitingReports.incrementAndGet() > MAX_REPORTS) {
            // Whoever asked asks again.
            waitingReports.decrementAndGet();
            metrics.inputDropped();
            return;
        }
        queue.add(new Task.OfHistory(arrival), 0);
    }

    /** Whether the state may be served and copied. */
    boolean isTrusted() {
        return guard.isTrusted();
    }

    /** A member is to be sent a snapshot, while there is none that may be copied. */
    void withholdSnapshot(NodeId to) {
        driverQueue.add(new Arrival.OfCore(new Input.SnapshotFailed(to)), 0);
    }

    /** Answers these once everything through {@code index} has been applied, at once and here if it has been. */
    void answerReads(long index, List<LinearizableReads.Waiting> reads) {
        Task.Reads task = new Task.Reads(index, reads);
        if (!answerIfReached(task)) {
            queue.add(task, 0);
        }
    }

    @Override
    public void wakes(Waker waker) {
        queue.wakes(waker);
        stageThread = waker;
    }

    @Override
    public long maxParkNanos() {
        return PARK_NANOS;
    }

    @Override
    public boolean runOnce() {
        if (hasGivenUp) {
            return false;
        }
        try {
            return turn();
        } catch (EngineFullException | DiskFullException e) {
            if (!stageThread.isEnding()) {
                throw e;
            }
            hasGivenUp = true;
            log.warn("what is committed and has found no room is applied after the next start: {}", e.getMessage());
            return false;
        }
    }

    private boolean turn() {
        queue.drainTo(tasks);
        guard.turn(live);
        if (tasks.isEmpty()) {
            return compact();
        }
        for (Task task : tasks) {
            if (task instanceof Task.Run committed) {
                gather(committed.entries);
            } else if (task instanceof Task.Reads reads) {
                if (!answerIfReached(reads)) {
                    waitingReads.add(reads);
                }
            } else if (task instanceof Task.Install install) {
                applyRun();
                install(install);
            } else if (task instanceof Task.Snapshot) {
                applyRun();
                makeSnapshotIfTrusted();
            } else if (task instanceof Task.OfHistory history) {
                applyRun();
                take(history.arrival);
            }
        }
        applyRun();
        tasks.clear();
        repairIfDue();
        if (clock.getAsLong() - lastCompactNanos > COMPACT_EVERY_NANOS) {
            compact();
        }
        return true;
    }

    /** None of a state in doubt: it might be copied, and is newer than the one that is to take its place. */
    private void makeSnapshotIfTrusted() {
        if (guard.isTrusted()) {
            snapshots.wanted(live.applied(), live);
        }
    }

    private boolean compact() {
        KvStateMachine compacted = live;
        if (follower.neededFrom() < compacted.compactRevision()) {
            // A watch that keeps up must not lose what was compacted before it could look (A6). It will have looked
            // soon.
            lastCompactNanos = clock.getAsLong();
            return false;
        }
        boolean isMoreLeft = compacted.compactStep(COMPACT_REVISIONS);
        lastCompactNanos = clock.getAsLong();
        if (!isMoreLeft && compacted.isWorthReclaiming() && isReclaiming.compareAndSet(false, true)) {
            worker.execute(() -> reclaim(compacted));
        }
        return isMoreLeft;
    }

    /** Runs on the worker. A state that a snapshot has replaced is closed there too, so never under this. */
    private void reclaim(KvStateMachine compacted) {
        try {
            if (compacted.reclaim()) {
                log.info("gave the room of compacted history back to the disk");
            }
        } catch (ClosedException | EngineFullException e) {
            log.info("gave up giving room back: {}", e.getMessage());
        } finally {
            isReclaiming.set(false);
        }
    }

    private void gather(List<Entry> entries) {
        for (Entry entry : entries) {
            run.add(entry);
            runBytes += entry.sizeBytes();
            if (runBytes >= RUN_BYTES) {
                applyRun();
            }
        }
    }

    private void applyRun() {
        if (run.isEmpty()) {
            return;
        }
        for (int done = 0; done < run.size(); ) {
            done += applySome(run.subList(done, run.size()));
            stageThread.progressed();
        }
        run.clear();
        runBytes = 0;
    }

    /** @return how many of these the state machine took in one atomic write; their results are let go of by then */
    private int applySome(List<Entry> entries) {
        long startNanos = clock.getAsLong();
        List<Applied> outcomes = live.apply(entries, answers::isAwaited);
        long nanos = clock.getAsLong() - startNanos;
        metrics.applied(outcomes.size(), nanos);
        for (Applied outcome : outcomes) {
            if (outcome.result() instanceof CommandResult.DigestChecked check) {
                // Before anybody is answered: what this run came to may be wrong.
                guard.checked(check, live);
            } else if (outcome.result() instanceof CommandResult.TokenAssigned token) {
                // Before who it is given to is answered, and may show it here.
                tokens.assigned(token);
            }
        }
        EntryId last = outcomes.get(outcomes.size() - 1).id();
        appliedIndex = last.index();
        tokens.appliedThrough(appliedIndex);
        rosters.changed(live.roster());
        outcomes.forEach(this::answer);
        answeredIndex = last.index();
        follower.advanced();
        answerReachedReads();
        if (guard.isTrusted()) {
            guard.applied(last, live);
            snapshots.applied(last, live, outcomes.size(), sizeBytes(entries.subList(0, outcomes.size())), nanos);
        }
        return outcomes.size();
    }

    private static long sizeBytes(List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        return bytes;
    }

    private void answer(Applied outcome) {
        RequestId requestId = outcome.requestId();
        CommandResult result = outcome.result();
        if (requestId == null || result == null) {
            return;
        }
        if (guard.isTrusted()) {
            answers.applied(requestId, result);
        } else {
            answers.appliedInDoubt(requestId);
        }
    }

    private void answerReachedReads() {
        for (Iterator<Task.Reads> each = waitingReads.iterator(); each.hasNext(); ) {
            if (answerIfReached(each.next())) {
                each.remove();
            }
        }
    }

    private boolean answerIfReached(Task.Reads reads) {
        if (reads.index > appliedIndex) {
            return false;
        }
        for (LinearizableReads.Waiting waiting : reads.reads) {
            if (!guard.isTrusted()) {
                waiting.answer(NodeService.Failure.QUARANTINED);
            } else if (waiting.answer(null)) {
                metrics.readsServed(waiting.count(), System.nanoTime() - waiting.arrivedNanos());
            }
        }
        return true;
    }

    /**
     * The new state first, then the log: a crash in between leaves a log that ends before the state or disagrees with it,
     * which opening it again recognizes and mends.
     */
    private void install(Task.Install install) {
        SnapshotMetadata snapshot = install.snapshot;
        metrics.snapshotInstallStarted();
        KvStateMachine old = live;
        KvStateMachine next = liveState.install(snapshot, stageThread::progressed, this::waitForRoom);
        live = next;
        live.whileFull(this::waitForRoom);
        appliedIndex = snapshot.last().index();
        tokens.appliedThrough(appliedIndex);
        lastInstalled = snapshot.last();
        rosters.changed(next.roster());
        snapshots.installed(snapshot.last());
        liveState.retire(old);
        onReplaced.run();
        logWriter.addReset(
                snapshot.last(), () -> driverQueue.add(new Arrival.OfCore(new Input.SnapshotInstalled(snapshot)), 0));
        metrics.snapshotInstallEnded();
        tellIfItWasInDoubt();
        guard.opened(live);
        follower.advanced();
        answerReachedReads();
    }

    /** Of the state that another has replaced. */
    private void tellIfItWasInDoubt() {
        if (!guard.isTrusted()) {
            follower.repaired();
        }
    }

    // ---- divergence ----

    private void take(Arrival.OfHistory arrival) {
        if (arrival instanceof Arrival.Reported reported) {
            waitingReports.decrementAndGet();
            guard.reported(reported.from(), reported.report(), live);
        } else if (arrival instanceof Arrival.RepairReceived received) {
            guard.repairReceived(received.from(), received.snapshot());
        }
    }

    /**
     * Puts a healthy member's state in the place of the diverged one, and brings it up from this member's own log to where
     * the old one was, before anybody sees it. A crash in between leaves the one or the other; to the core nothing has
     * happened. The log holds what is needed: it is cut only behind snapshots that were made here, and the one installed
     * ends after those.
     */
    private void repairIfDue() {
        SnapshotMetadata snapshot = guard.dueRepair(appliedIndex);
        if (snapshot == null) {
            return;
        }
        metrics.snapshotInstallStarted();
        KvStateMachine old = live;
        KvStateMachine next = liveState.install(snapshot, stageThread::progressed, this::waitForRoom);
        next.whileFull(this::waitForRoom);
        while (next.applied().index() < appliedIndex) {
            next.apply(logReader.entries(next.applied().index() + 1, appliedIndex + 1, RUN_BYTES), id -> false);
            stageThread.progressed();
        }
        live = next;
        lastInstalled = snapshot.last();
        snapshots.installed(snapshot.last());
        liveState.retire(old);
        onReplaced.run();
        driverQueue.add(new Arrival.OfCore(new Input.SnapshotTaken(snapshot)), 0);
        metrics.snapshotInstallEnded();
        log.warn(
                "the diverged state was replaced by snapshot {} and brought up to entry {}",
                snapshot.last(),
                appliedIndex);
        tellIfItWasInDoubt();
        guard.repaired(live);
        follower.advanced();
    }
}

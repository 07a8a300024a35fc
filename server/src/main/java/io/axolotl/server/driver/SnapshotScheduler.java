package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has snapshots made beside the pipeline when {@link SnapshotPolicy} or a peer calls for one, and lets the log go as far as
 * the policy allows.
 *
 * <p>{@link #applied}, {@link #wanted} and {@link #installed} are confined to the apply thread; the work itself to the
 * worker.
 */
final class SnapshotScheduler {
    private static final Logger log = LoggerFactory.getLogger(SnapshotScheduler.class);

    private static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final SnapshotPolicy policy;
    private final Maker maker;
    private final LongUnaryOperator logBytesAfter;
    private final ReplayForecast forecast = new ReplayForecast();
    private final BatchQueue<Arrival> driverQueue;
    private final Executor worker;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;
    private final AtomicBoolean isRunning = new AtomicBoolean();
    private volatile long lastIndex;
    /** Where the newest snapshot ends that is complete. */
    private volatile long newestIndex;

    /** When one that could not be made is tried again; null unless the last one could not. */
    private volatile @Nullable Retry retry;

    /** A peer waits for a snapshot, which no policy has called for. Confined to the apply thread. */
    private boolean isWanted;

    private record Retry(long atNanos, long waitNanos) {}

    /** Makes a complete and durable snapshot of the state, and lets go of older ones. Runs on the worker. */
    @FunctionalInterface
    interface Maker {
        SnapshotMetadata make(KvStateMachine state);
    }

    /**
     * @param lastIndex last index of the newest snapshot, 0 if there is none
     * @param logBytesAfter how much of the log the entries after an index take; safe for all threads
     * @param clock monotonic, as {@code System.nanoTime}
     */
    SnapshotScheduler(
            SnapshotPolicy policy,
            long lastIndex,
            Maker maker,
            LongUnaryOperator logBytesAfter,
            BatchQueue<Arrival> driverQueue,
            Executor worker,
            LongSupplier clock,
            PipelineMetrics metrics) {
        this.policy = policy;
        this.lastIndex = lastIndex;
        this.newestIndex = lastIndex;
        this.maker = maker;
        this.logBytesAfter = logBytesAfter;
        this.driverQueue = driverQueue;
        this.worker = worker;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Whether none is being made. */
    boolean isIdle() {
        return !isRunning.get();
    }

    /** Where the newest snapshot ends that is here. */
    long newestIndex() {
        return newestIndex;
    }

    /**
     * Makes one now, whether or not it is due, unless one is being made.
     *
     * @param then told of it, on the worker
     */
    void makeNow(KvStateMachine live, Consumer<SnapshotMetadata> then) {
        if (isRunning.compareAndSet(false, true)) {
            lastIndex = live.applied().index();
            worker.execute(() -> {
                SnapshotMetadata made = make(live);
                if (made != null) {
                    then.accept(made);
                }
            });
        }
    }

    /**
     * A run through {@code last} was applied to {@code live}.
     *
     * @param entries how many entries
     * @param bytes what they weigh
     * @param nanos how long it took
     */
    void applied(EntryId last, KvStateMachine live, int entries, long bytes, long nanos) {
        forecast.applied(entries, bytes, nanos);
        if (isDue(last)) {
            begin(last, live);
        }
    }

    /** A peer needs a snapshot, and there is none that it could be given. */
    void wanted(EntryId applied, KvStateMachine live) {
        isWanted = true;
        if (isDue(applied)) {
            begin(applied, live);
        }
    }

    private void begin(EntryId last, KvStateMachine live) {
        if (isRunning.compareAndSet(false, true)) {
            isWanted = false;
            lastIndex = last.index();
            worker.execute(() -> make(live));
        }
    }

    private boolean isDue(EntryId last) {
        Retry waiting = retry;
        if (waiting != null) {
            return clock.getAsLong() - waiting.atNanos >= 0;
        }
        return isWanted || policy.isDue(since(last));
    }

    private SnapshotPolicy.Since since(EntryId last) {
        long entries = last.index() - lastIndex;
        long bytes = logBytesAfter.applyAsLong(lastIndex);
        return new SnapshotPolicy.Since(entries, bytes, forecast.nanosFor(entries, bytes));
    }

    /** Another state took the live one's place. */
    void installed(EntryId last) {
        lastIndex = last.index();
        newestIndex = Math.max(newestIndex, last.index());
    }

    private @Nullable SnapshotMetadata make(KvStateMachine live) {
        try {
            long startNanos = System.nanoTime();
            SnapshotMetadata made = maker.make(live);
            long nanos = System.nanoTime() - startNanos;
            metrics.snapshotSaved(nanos);
            log.info("made snapshot {} in {} ms", made.last(), TimeUnit.NANOSECONDS.toMillis(nanos));
            newestIndex = Math.max(newestIndex, made.last().index());
            driverQueue.add(new Arrival.OfCore(new Input.SnapshotTaken(made)), 0);
            long throughIndex =
                    policy.cutThrough(made.last().index(), live.durable().index(), logBytesAfter);
            if (throughIndex > 0) {
                driverQueue.add(new Arrival.OfCore(new Input.LogTruncated(throughIndex)), 0);
            }
            retry = null;
            return made;
        } catch (DiskFullException e) {
            putOff("there is no room for a snapshot", "Make room", e);
        } catch (SnapshotDamagedException e) {
            putOff("a snapshot that is damaged cannot be replaced yet", "Wait", e);
        } catch (ClosedException e) {
            // Another snapshot has taken its place, or this server stops.
            log.info("gave up a snapshot of a state that was closed meanwhile: {}", e.getMessage());
        } finally {
            isRunning.set(false);
        }
        return null;
    }

    /** The log is not cut, and the member goes on as long as there is room for it (pitfall 58). */
    private void putOff(String what, String remedy, RuntimeException e) {
        Retry before = retry;
        long waitNanos = before == null ? FIRST_WAIT_NANOS : Math.min(2 * before.waitNanos, LONGEST_WAIT_NANOS);
        retry = new Retry(clock.getAsLong() + waitNanos, waitNanos);
        log.warn(
                "{}: {}. It is tried again in {} s; until then the log grows. {}.",
                what,
                e.getMessage(),
                TimeUnit.NANOSECONDS.toSeconds(waitNanos),
                remedy);
    }
}

package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a snapshot is due, has it made beside the pipeline, and lets the log go up to it, less a tail for followers
 * that are a little behind (pitfall 46): a follower that needs entries is cheaper to serve than one that needs a snapshot.
 *
 * <p>{@link #applied} and {@link #installed} are confined to the apply thread; the work itself to the worker.
 */
final class SnapshotScheduler {
    private static final Logger log = LoggerFactory.getLogger(SnapshotScheduler.class);

    private static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Rules rules;
    private final Maker maker;
    private final LongSupplier logBytes;
    private final BatchQueue<Arrival> driverQueue;
    private final Executor worker;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;
    private final AtomicBoolean isRunning = new AtomicBoolean();
    private volatile long lastIndex;
    /** Where the newest snapshot ends that is complete. */
    private volatile long newestIndex;

    private final AtomicLong liveChanges = new AtomicLong();

    /** When one that found no room is tried again; null unless the last one did. */
    private volatile @Nullable Retry retry;

    private record Retry(long atNanos, long waitNanos) {}

    /**
     * @param everyEntries a snapshot is due when this many entries were applied since the last
     * @param logBytes or when the log has grown past this; the tail is given up too while it is larger
     * @param tailEntries how many entries before the snapshot stay in the log
     */
    record Rules(long everyEntries, long logBytes, long tailEntries) {}

    /** Makes a complete and durable snapshot of the state, and lets go of older ones. Runs on the worker. */
    @FunctionalInterface
    interface Maker {
        SnapshotMetadata make(KvStateMachine state);
    }

    SnapshotScheduler(
            Rules rules,
            long lastIndex,
            Maker maker,
            LongSupplier logBytes,
            BatchQueue<Arrival> driverQueue,
            Executor worker,
            LongSupplier clock,
            PipelineMetrics metrics) {
        this.rules = rules;
        this.lastIndex = lastIndex;
        this.newestIndex = lastIndex;
        this.maker = maker;
        this.logBytes = logBytes;
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
            long changes = liveChanges.get();
            worker.execute(() -> {
                SnapshotMetadata made = make(live, changes);
                if (made != null) {
                    then.accept(made);
                }
            });
        }
    }

    /** A run through {@code last} was applied to {@code live}. */
    void applied(EntryId last, KvStateMachine live) {
        if (isDue(last) && isRunning.compareAndSet(false, true)) {
            lastIndex = last.index();
            long changes = liveChanges.get();
            worker.execute(() -> make(live, changes));
        }
    }

    private boolean isDue(EntryId last) {
        Retry waiting = retry;
        if (waiting != null) {
            return clock.getAsLong() - waiting.atNanos >= 0;
        }
        long since = last.index() - lastIndex;
        return since >= rules.everyEntries
                || (since >= Math.max(1, rules.everyEntries / 10) && logBytes.getAsLong() > rules.logBytes);
    }

    /** Another state took the live one's place. */
    void installed(EntryId last) {
        lastIndex = last.index();
        newestIndex = Math.max(newestIndex, last.index());
        liveChanges.incrementAndGet();
    }

    private @Nullable SnapshotMetadata make(KvStateMachine live, long changes) {
        try {
            long startNanos = System.nanoTime();
            SnapshotMetadata made = maker.make(live);
            long nanos = System.nanoTime() - startNanos;
            metrics.snapshotSaved(nanos);
            log.info("made snapshot {} in {} ms", made.last(), TimeUnit.NANOSECONDS.toMillis(nanos));
            newestIndex = Math.max(newestIndex, made.last().index());
            driverQueue.add(new Arrival.OfCore(new Input.SnapshotTaken(made)), 0);
            truncate(made.last().index());
            retry = null;
            return made;
        } catch (DiskFullException e) {
            putOff(e);
        } catch (IllegalStateException e) {
            if (changes == liveChanges.get()) {
                throw e;
            }
            log.info("gave up a snapshot of a state that another snapshot has replaced meanwhile");
        } finally {
            isRunning.set(false);
        }
        return null;
    }

    /** The log is not cut, and the member goes on as long as there is room for it (pitfall 58). */
    private void putOff(DiskFullException e) {
        Retry before = retry;
        long waitNanos = before == null ? FIRST_WAIT_NANOS : Math.min(2 * before.waitNanos, LONGEST_WAIT_NANOS);
        retry = new Retry(clock.getAsLong() + waitNanos, waitNanos);
        log.warn(
                "there is no room for a snapshot: {}. It is tried again in {} s; until then the log grows. Make room.",
                e.getMessage(),
                TimeUnit.NANOSECONDS.toSeconds(waitNanos));
    }

    private void truncate(long snapshotIndex) {
        long throughIndex = snapshotIndex;
        if (logBytes.getAsLong() <= rules.logBytes) {
            throughIndex -= rules.tailEntries;
        }
        if (throughIndex > 0) {
            driverQueue.add(new Arrival.OfCore(new Input.LogTruncated(throughIndex)), 0);
        }
    }
}

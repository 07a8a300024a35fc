package io.axolotl.server.driver;

import io.axolotl.raft.HardState;
import io.axolotl.raft.Input;
import io.axolotl.raft.PersistToken;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of log and hard state. Takes what has gathered, writes all of it, syncs once, and only then sends what
 * rests on it and tells the core. While a sync runs the next batch gathers: group commit, on a leader as on a follower,
 * without a timer.
 *
 * <p>The order within a batch: the newest hard state, so that no entry is ever on disk whose term is not; the entries; one
 * sync; the messages; the token of the last. A failure anywhere escapes, which ends the process: what a failed sync has
 * left on disk is unknown, and neither a retry nor an answer would be honest (pitfalls 1, 54).
 *
 * <p>{@link #add} and its kin are safe for all threads; {@link #runOnce} is confined to the thread that runs the stage.
 */
final class LogWriter implements Stage {
    /** Past this many bytes a batch is synced even if more waits, so that answers are not held up by a long queue. */
    private static final long BATCH_BYTES = 4 << 20;

    private static final long PARK_NANOS = 500_000_000L;

    private final Wal wal;
    private final HardStateFile hardStateFile;
    private final PeerTransport transport;
    private final BatchQueue<Arrival> driverQueue;
    private final PipelineMetrics metrics;
    private final DiskWatch watch;
    private final Runnable onNewSegment;
    private final BatchQueue<Task> queue = new BatchQueue<>(Integer.MAX_VALUE, Long.MAX_VALUE);
    private final List<Task> tasks = new ArrayList<>();

    private final List<Envelope> toSend = new ArrayList<>();
    private @Nullable PersistToken newestToken;
    private boolean isUnsynced;
    private long unsyncedBytes;
    private long segmentBytes;

    /** What the log writer is asked to do, in order. */
    private sealed interface Task {
        /** Persist, then send. Fields as in {@link io.axolotl.raft.Ready}. */
        record Persist(
                @Nullable HardState hardState,
                List<Entry> entries,
                List<Envelope> sendAfterPersist,
                @Nullable PersistToken token)
                implements Task {}

        /** Empty the log: it continues after {@code last}; then {@code completion}. */
        record Reset(EntryId last, Runnable completion) implements Task {}

        /** Entries through {@code index} are no longer needed. */
        record TruncatePrefix(long index) implements Task {}
    }

    /** @param onNewSegment called when the log has gone on to another file, so that the next can be made ready */
    LogWriter(
            Wal wal,
            HardStateFile hardStateFile,
            PeerTransport transport,
            BatchQueue<Arrival> driverQueue,
            Runnable onNewSegment,
            DiskWatch watch,
            PipelineMetrics metrics) {
        this.wal = wal;
        this.onNewSegment = onNewSegment;
        this.hardStateFile = hardStateFile;
        this.transport = transport;
        this.driverQueue = driverQueue;
        this.watch = watch;
        this.metrics = metrics;
    }

    /**
     * Unbounded by itself: what can be waiting here is bounded by the core's limits on uncommitted and in-flight bytes.
     */
    void add(
            @Nullable HardState hardState,
            List<Entry> entries,
            List<Envelope> sendAfterPersist,
            @Nullable PersistToken token) {
        queue.add(new Task.Persist(hardState, entries, sendAfterPersist, token), 0);
    }

    /** Empties the log, which then continues after {@code last}. {@code completion} runs on the thread of this stage. */
    void addReset(EntryId last, Runnable completion) {
        queue.add(new Task.Reset(last, completion), 0);
    }

    /** Lets go of entries through {@code index}. The core must have been told before: it reads the log meanwhile. */
    void addTruncatePrefix(long index) {
        queue.add(new Task.TruncatePrefix(index), 0);
    }

    /** Whether something waits to be written. */
    boolean hasWork() {
        return !queue.isEmpty();
    }

    @Override
    public void wakes(Waker waker) {
        queue.wakes(waker);
    }

    @Override
    public long maxParkNanos() {
        return PARK_NANOS;
    }

    @Override
    public boolean runOnce() {
        queue.drainTo(tasks);
        if (tasks.isEmpty()) {
            return false;
        }
        writeNewestHardState();
        for (Task task : tasks) {
            if (task instanceof Task.Persist persist) {
                append(persist);
            } else if (task instanceof Task.Reset reset) {
                sync();
                wal.reset(reset.last);
                reset.completion.run();
            } else if (task instanceof Task.TruncatePrefix truncate) {
                sync();
                wal.truncatePrefix(truncate.index);
            }
        }
        sync();
        tasks.clear();
        return true;
    }

    /** Writing a later term or vote early is harmless: all it forbids is what this node no longer does. */
    private void writeNewestHardState() {
        HardState newest = null;
        for (Task task : tasks) {
            if (task instanceof Task.Persist persist && persist.hardState != null) {
                newest = persist.hardState;
            }
        }
        if (newest != null) {
            long startNanos = System.nanoTime();
            watch.began();
            hardStateFile.write(newest);
            watch.ended();
            metrics.hardStateWritten(System.nanoTime() - startNanos);
        }
    }

    private void append(Task.Persist persist) {
        if (!persist.entries.isEmpty()) {
            long bytes = 0;
            for (Entry entry : persist.entries) {
                bytes += entry.sizeBytes();
            }
            long startNanos = System.nanoTime();
            watch.began();
            wal.append(persist.entries);
            metrics.appended(System.nanoTime() - startNanos, bytes);
            isUnsynced = true;
            unsyncedBytes += bytes;
        }
        toSend.addAll(persist.sendAfterPersist);
        if (persist.token != null) {
            newestToken = persist.token;
        }
        if (unsyncedBytes >= BATCH_BYTES) {
            sync();
        }
    }

    private void sync() {
        if (isUnsynced) {
            long startNanos = System.nanoTime();
            wal.sync();
            watch.ended();
            metrics.synced(System.nanoTime() - startNanos);
            isUnsynced = false;
            unsyncedBytes = 0;
            long nowBytes = wal.sizeBytes();
            if (nowBytes > segmentBytes) {
                onNewSegment.run();
            }
            segmentBytes = nowBytes;
        }
        for (Envelope envelope : toSend) {
            transport.send(envelope);
        }
        toSend.clear();
        if (newestToken != null) {
            driverQueue.add(new Arrival.OfCore(new Input.Persisted(newestToken)), 0);
            newestToken = null;
        }
    }
}

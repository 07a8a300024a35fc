package io.axolotl.server.driver;

import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * When a snapshot is due, and how much of the log stays behind it. A snapshot bounds two things: how long a restart has to
 * replay, and how large the log grows. What stays of the log is for followers that are behind: entries are cheaper to send
 * than a snapshot, but a member that never comes back must not keep the log for ever (fault D34), so what stays is bounded
 * whoever may need it.
 *
 * <p>Immutable.
 *
 * @param maxEntries a snapshot is due when this many entries were applied since the last
 * @param maxReplayNanos or when replaying them is predicted to take this long
 * @param maxLogBytes or when they take this much of the log
 * @param tailEntries at most this many entries before the snapshot stay in the log
 * @param tailBytes and at most so many that they take this much of it
 */
public record SnapshotPolicy(long maxEntries, long maxReplayNanos, long maxLogBytes, long tailEntries, long tailBytes) {
    public SnapshotPolicy {
        if (maxEntries < 1 || maxReplayNanos < 1 || maxLogBytes < 1 || tailEntries < 0 || tailBytes < 0) {
            throw new IllegalArgumentException("bounds must be positive, what stays must not be negative");
        }
    }

    /** Five seconds of replay or 512 MiB of log; a tail of 64 MiB. */
    public static SnapshotPolicy defaults() {
        return new SnapshotPolicy(1_000_000, TimeUnit.SECONDS.toNanos(5), 512L << 20, 100_000, 64L << 20);
    }

    public SnapshotPolicy withEntries(long max, long tail) {
        return new SnapshotPolicy(max, maxReplayNanos, maxLogBytes, tail, tailBytes);
    }

    /**
     * What was applied since the last snapshot.
     *
     * @param logBytes what it takes of the log
     * @param replayNanos how long it is predicted to take again
     */
    record Since(long entries, long logBytes, long replayNanos) {}

    boolean isDue(Since since) {
        return since.entries > 0
                && (since.entries >= maxEntries
                        || since.replayNanos >= maxReplayNanos
                        || since.logBytes >= maxLogBytes);
    }

    /**
     * Through which index the log may be cut; 0 if nowhere. Never past what the state machine holds durably: the log is all
     * that could explain the rest after a crash (pitfall 46).
     *
     * @param snapshotIndex last index of the newest durable snapshot
     * @param flushedIndex last index that the state machine's files hold
     * @param logBytesAfter how much the entries after an index take of the log; falls as the index rises
     */
    long cutThrough(long snapshotIndex, long flushedIndex, LongUnaryOperator logBytesAfter) {
        long border = Math.min(snapshotIndex, flushedIndex);
        long low = Math.max(0, border - tailEntries);
        long high = border;
        long bytesAfterBorder = logBytesAfter.applyAsLong(border);
        // The smallest index in [low, border] after which no more than the budget lies before the border.
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (logBytesAfter.applyAsLong(middle) - bytesAfterBorder <= tailBytes) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return high;
    }
}

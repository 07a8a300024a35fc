package io.axolotl.server.upkeep;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the history of a window of time. Looks at the revision ten times an hour, or ten times in the window if that is
 * shorter; compacts, for the first time when the window has passed once, to where it was a window ago, and then every hour,
 * or every window if that is shorter. What could not be compacted is tried again at the next look.
 *
 * <p>Remembers one number per look for the length of the window.
 */
final class PeriodicCompaction implements AutoCompaction {
    private static final long LONGEST_INTERVAL_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int LOOKS_PER_INTERVAL = 10;

    private final long intervalNanos;
    private final long lookNanos;
    private final long kept;
    private final Deque<Long> revisions = new ArrayDeque<>();
    private long nextLookNanos;
    private long lastNanos;
    private long waitNanos;
    private long lastRevision = NOTHING;

    /** @param nowNanos when the first window begins */
    PeriodicCompaction(long windowNanos, long nowNanos) {
        this.intervalNanos = Math.min(windowNanos, LONGEST_INTERVAL_NANOS);
        this.lookNanos = Math.max(1, intervalNanos / LOOKS_PER_INTERVAL);
        this.kept = windowNanos / lookNanos + 1;
        this.waitNanos = windowNanos;
        this.lastNanos = nowNanos;
        this.nextLookNanos = nowNanos;
    }

    @Override
    public long due(long nowNanos, long revision) {
        if (nowNanos - nextLookNanos < 0) {
            return NOTHING;
        }
        nextLookNanos = nowNanos + lookNanos;
        Long oldest = revisions.peekFirst();
        long due = oldest == null || oldest == lastRevision || nowNanos - lastNanos < waitNanos ? NOTHING : oldest;
        revisions.addLast(revision);
        if (revisions.size() > kept) {
            revisions.removeFirst();
        }
        return due;
    }

    @Override
    public void compacted(long nowNanos, long revision) {
        lastRevision = revision;
        lastNanos = nowNanos;
        waitNanos = intervalNanos;
    }
}

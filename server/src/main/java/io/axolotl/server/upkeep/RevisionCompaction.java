package io.axolotl.server.upkeep;

import java.util.concurrent.TimeUnit;

/** Keeps a number of revisions: every five minutes compacts all that are older. */
final class RevisionCompaction implements AutoCompaction {
    private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final long kept;
    private long nextNanos;
    private long lastRevision = NOTHING;

    /** @param nowNanos when the first interval begins */
    RevisionCompaction(long kept, long nowNanos) {
        this.kept = kept;
        this.nextNanos = nowNanos + INTERVAL_NANOS;
    }

    @Override
    public long due(long nowNanos, long revision) {
        if (nowNanos - nextNanos < 0) {
            return NOTHING;
        }
        nextNanos = nowNanos + INTERVAL_NANOS;
        long due = revision - kept;
        return due <= 0 || due == lastRevision ? NOTHING : due;
    }

    @Override
    public void compacted(long nowNanos, long revision) {
        lastRevision = revision;
    }
}

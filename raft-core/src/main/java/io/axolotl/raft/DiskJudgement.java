package io.axolotl.raft;

/**
 * Judges a disk by how long its syncs take, against what they took before (pitfall 25). A disk that was always slow is what
 * this node has, and no reason to do anything; one that has become slow is.
 *
 * <p>{@link #usualNanos} follows the slower of the syncs: up fast, down slowly. A sync is slow if it takes {@value #SLOW_FACTOR}
 * times that and at least {@link #LEAST_SLOW_NANOS}; slow syncs in a row that together took {@link #PROOF_NANOS} are the proof.
 * So neither one outlier of a busy machine nor a steady 200 ms makes a slow disk, while two syncs with half a second each do,
 * and one that has not come back by then does not have to be waited for. Slow syncs move what is usual too, much slower: what
 * stays slow becomes usual after a minute or so.
 *
 * <p>Pure, but for its memory. Confined to the driver thread.
 */
final class DiskJudgement {
    static final long LEAST_SLOW_NANOS = 300_000_000L;
    static final long PROOF_NANOS = 800_000_000L;
    static final long LEAST_HUNG_NANOS = 1_500_000_000L;

    /** For so long after the last slow sync the disk counts as slow: without entries to write nothing would tell of it. */
    static final long MEMORY_NANOS = 10_000_000_000L;

    private static final int SLOW_FACTOR = 4;
    private static final int UP = 16;
    private static final int UP_BY_SLOW = 128;
    private static final int DOWN = 256;

    private long usualNanos;
    private long slowInARowNanos;
    private long runningNanos;
    private boolean isSlow;
    private long slowUntilNanos;

    /** A sync has come back after {@code tookNanos}. */
    void completed(long tookNanos, long nowNanos) {
        runningNanos = 0;
        if (isSlowSync(tookNanos)) {
            slowInARowNanos += tookNanos;
            proveSlow(slowInARowNanos, nowNanos);
            usualNanos += (tookNanos - usualNanos) / UP_BY_SLOW;
        } else {
            slowInARowNanos = 0;
            usualNanos += (tookNanos - usualNanos) / (tookNanos > usualNanos ? UP : DOWN);
        }
    }

    /** A sync has been under way for {@code ageNanos}. */
    void running(long ageNanos, long nowNanos) {
        runningNanos = ageNanos;
        if (isSlowSync(ageNanos)) {
            proveSlow(slowInARowNanos + ageNanos, nowNanos);
        }
    }

    private boolean isSlowSync(long nanos) {
        return nanos >= Math.max(LEAST_SLOW_NANOS, SLOW_FACTOR * usualNanos);
    }

    private void proveSlow(long nanos, long nowNanos) {
        if (nanos >= PROOF_NANOS) {
            isSlow = true;
            slowUntilNanos = nowNanos + MEMORY_NANOS;
        }
    }

    /** Whether this disk has lately been slow against its own history. A disk that hangs is slow. */
    boolean isSlow(long nowNanos) {
        isSlow &= nowNanos - slowUntilNanos < 0;
        return isSlow;
    }

    /** Whether a sync is under way for so long that it may never come back. */
    boolean isHung() {
        return runningNanos >= Math.max(LEAST_HUNG_NANOS, SLOW_FACTOR * usualNanos);
    }

    /** For people: what is usual and what it was judged by. */
    String describe() {
        return "a sync has been under way for " + runningNanos / 1_000_000 + " ms, slow ones before it took "
                + slowInARowNanos / 1_000_000 + " ms, usual are " + usualNanos / 1_000_000 + " ms";
    }
}

package io.axolotl.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How one member is, as far as a client can tell: how long its answers take, whether any come, and what it says of itself.
 * Times are monotonic nanoseconds, given by the caller. Safe for all threads.
 */
final class MemberHealth {
    /** The weight of a member that is well. */
    static final int WELL = 100;

    /** Shorter answers are all alike: what differs between them is chance. */
    static final long ALIKE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Up to so many times the time of the fastest is well. */
    private static final double WELL_RATIO = 2;

    /** Who has so many entries still to apply is behind. */
    private static final long BEHIND_ENTRIES = 5_000;

    /** Times of reads count for so long: a member that gets none is judged by how it answers when it is asked how it is. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** The share of the newest time in the average. */
    private static final double NEWEST = 0.25;

    private final AtomicInteger inFlight = new AtomicInteger();

    /** The last answer, or when the oldest attempt without one may have begun. */
    private volatile long progressNanos;

    /** Averages; 0 before the first. Written by one event loop, mostly; a lost sample does no harm. */
    private volatile double readNanos;

    private volatile long readAtNanos;
    private volatile double askedNanos;
    private volatile boolean isBehind;
    private volatile boolean isUnfit;
    private volatile boolean isSick;
    private volatile int weight = WELL;

    /** An attempt begins. */
    void started(long nowNanos) {
        if (inFlight.getAndIncrement() == 0) {
            progressNanos = nowNanos;
        }
    }

    /** An attempt has ended without an answer. */
    void ended() {
        inFlight.decrementAndGet();
    }

    /** An attempt was answered, whatever was said. */
    void answered(long nowNanos) {
        isThere(nowNanos);
        ended();
    }

    /** A read was answered after so long. */
    void read(long nowNanos, long tookNanos) {
        double before = nowNanos - readAtNanos < FRESH_NANOS ? readNanos : 0;
        readNanos = before == 0 ? tookNanos : before + NEWEST * (tookNanos - before);
        readAtNanos = nowNanos;
    }

    /** For how long nothing has come, though something should. */
    long silentNanos(long nowNanos) {
        return inFlight.get() == 0 ? 0 : nowNanos - progressNanos;
    }

    /** It has answered something. */
    void isThere(long nowNanos) {
        progressNanos = nowNanos;
        isSick = false;
    }

    /** It has said how it is, after so long. */
    void told(long nowNanos, long tookNanos, StatusResult status) {
        isThere(nowNanos);
        double before = askedNanos;
        askedNanos = before == 0 ? tookNanos : before + (tookNanos - before) / 2;
        isBehind = status.raftIndex() - status.raftAppliedIndex() > BEHIND_ENTRIES;
        isUnfit = status.isLearner() || !status.errors().isEmpty();
    }

    /** It has not said how it is in time. */
    void toldNothing() {
        isSick = true;
    }

    /** Whether it does not answer. */
    boolean isSick() {
        return isSick;
    }

    /** Its share of the reads: {@link #WELL}, or less. */
    int weight() {
        return weight;
    }

    /** Average time of reads; 0 if there were none lately. */
    double readNanos(long nowNanos) {
        return nowNanos - readAtNanos < FRESH_NANOS ? readNanos : 0;
    }

    /** Average time in which it says how it is; 0 before it has. */
    double askedNanos() {
        return askedNanos;
    }

    /**
     * Gives it its share again.
     *
     * @param bestReadNanos the least of all members' {@link #readNanos}; 0 if none has one
     * @param bestAskedNanos the same of {@link #askedNanos}
     */
    void weigh(long nowNanos, double bestReadNanos, double bestAskedNanos) {
        double read = readNanos(nowNanos);
        double ratio = read != 0 ? ratio(read, bestReadNanos) : ratio(askedNanos, bestAskedNanos);
        double share = ratio <= WELL_RATIO ? WELL : WELL * WELL_RATIO / ratio;
        if (isBehind) {
            share /= 10;
        }
        if (isUnfit) {
            share = 1;
        }
        weight = Math.max(1, (int) share);
    }

    private static double ratio(double nanos, double best) {
        return Math.max(nanos, (double) ALIKE_NANOS) / Math.max(best, (double) ALIKE_NANOS);
    }
}

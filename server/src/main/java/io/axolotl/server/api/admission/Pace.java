package io.axolotl.server.api.admission;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many calls of a kind are in flight, how many are finished per second, and so how many more may begin if they are to be
 * answered in time.
 *
 * <p>The rate is taken from windows in which there was enough to do, for only these show what can be done: a server that is asked once
 * a second is not one that can answer once a second. A quiet window counts if it shows more than is known. What was learned is
 * forgotten when there has not been enough to do for a while, and then everybody is let in until there is again. A window in which nothing at all was finished tells nothing: an election is under way, and after it
 * the calls that wait are served as fast as before. Nor does a window that was left open for long.
 *
 * <p>Safe for all threads.
 */
final class Pace {
    /** So few wait for little, whatever the rate looks like. */
    static final int ALWAYS = 256;

    /** A call is let in if the wait is at most this part of the time that it has: the estimate may be off, and answers travel. */
    private static final double PART_OF_TIME = 0.5;

    private static final long WINDOW_NANOS = 50_000_000L;
    private static final long LONGEST_WINDOW_NANOS = 250_000_000L;

    /** In flight at both ends of a window that shows what can be done. */
    private static final int BUSY = 64;

    /** Of the difference, when it goes faster or slower than before: better too many than a refusal for nothing. */
    private static final double SMOOTHING_UP = 0.6;

    private static final double SMOOTHING_DOWN = 0.3;

    private static final long FORGET_NANOS = 10_000_000_000L;

    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder finished = new LongAdder();
    private final AtomicLong windowStartNanos;
    private volatile boolean wasBusy;
    private volatile double perNano;

    /** When a busy window was seen last. Means nothing while nothing is known. */
    private volatile long busyNanos;

    Pace(long nowNanos) {
        this.windowStartNanos = new AtomicLong(nowNanos);
    }

    /** How many may be in flight if the last of them has so much time; {@link Integer#MAX_VALUE} while nothing is known. */
    int allowed(long nowNanos, long remainingNanos) {
        look(nowNanos);
        double rate = perNano;
        if (rate == 0 || nowNanos - busyNanos > FORGET_NANOS) {
            return Integer.MAX_VALUE;
        }
        double places = rate * Math.max(0, remainingNanos) * PART_OF_TIME;
        return (int) Math.max(ALWAYS, Math.min(places, Integer.MAX_VALUE));
    }

    int inFlight() {
        return inFlight.get();
    }

    double perSecond() {
        return perNano * 1e9;
    }

    void begun() {
        inFlight.incrementAndGet();
    }

    /**
     * @param wasServed whether it got what the server is there for. A refusal, an error and a time-out say nothing of how fast that
     *     goes: many of them come at once, before anything was done, or long after everything stood still
     */
    void ended(long nowNanos, boolean wasServed) {
        inFlight.decrementAndGet();
        if (wasServed) {
            finished.increment();
        }
        look(nowNanos);
    }

    private void look(long nowNanos) {
        long start = windowStartNanos.get();
        long nanos = nowNanos - start;
        if (nanos < WINDOW_NANOS || !windowStartNanos.compareAndSet(start, nowNanos)) {
            return;
        }
        long count = finished.sumThenReset();
        boolean isBusy = inFlight.get() >= BUSY;
        if (count > 0 && nanos <= LONGEST_WINDOW_NANOS) {
            learn((double) count / nanos, isBusy && wasBusy, nowNanos);
        }
        wasBusy = isBusy;
    }

    private void learn(double rate, boolean isFromBusyWindow, long nowNanos) {
        double before = nowNanos - busyNanos > FORGET_NANOS ? 0 : perNano;
        if (isFromBusyWindow) {
            double smoothing = rate > before ? SMOOTHING_UP : SMOOTHING_DOWN;
            perNano = before == 0 ? rate : before + smoothing * (rate - before);
            busyNanos = nowNanos;
        } else if (before > 0 && rate > before) {
            perNano = rate;
        }
    }
}

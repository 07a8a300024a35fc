package io.axolotl.server.api.admission;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many calls of a kind are in flight, how many are finished per second, and so how many more may begin if they are to be
 * answered in time.
 *
 * <p>The rate is taken from windows in which there was enough to do, for only these show what can be done; a quiet window counts
 * if it shows more. A window in which nothing at all was finished tells nothing: an election is under way, and after it
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

    private static final double SMOOTHING = 0.3;

    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder finished = new LongAdder();
    private final AtomicLong windowStartNanos;
    private volatile boolean wasBusy;
    private volatile double perNano;

    Pace(long nowNanos) {
        this.windowStartNanos = new AtomicLong(nowNanos);
    }

    /** How many may be in flight if the last of them has so much time; {@link Integer#MAX_VALUE} while nothing is known. */
    int allowed(long nowNanos, long remainingNanos) {
        look(nowNanos);
        double rate = perNano;
        if (rate == 0) {
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

    /** @param wasServed whether it got what the server is there for; a refusal says nothing of how fast that goes */
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
            double rate = (double) count / nanos;
            double before = perNano;
            if (before == 0 || (rate > before && !(isBusy && wasBusy))) {
                perNano = rate;
            } else if (isBusy && wasBusy) {
                perNano = before + SMOOTHING * (rate - before);
            }
        }
        wasBusy = isBusy;
    }
}

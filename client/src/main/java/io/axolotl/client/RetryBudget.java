package io.axolotl.client;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds how much work repeats add for a cluster that is in trouble: each call earns a part of a repeat, and what was earned is
 * kept up to a bound. Who has none left waits for the longest pause before it repeats: giving up instead would leave writes
 * unknown that the next attempt would have settled.
 *
 * <p>Safe for all threads.
 */
final class RetryBudget {
    /** What a repeat costs. */
    private static final long REPEAT = 2;

    private static final long EARNED_BY_CALL = 1;

    /** Enough for a thousand calls under way that lose their leader. */
    static final long MOST_REPEATS = 4_000;

    private final AtomicLong left = new AtomicLong(MOST_REPEATS * REPEAT);

    /** A call begins. */
    void called() {
        left.getAndUpdate(now -> Math.min(MOST_REPEATS * REPEAT, now + EARNED_BY_CALL));
    }

    /** Whether there is a repeat left, which is then taken. */
    boolean take() {
        return left.getAndUpdate(now -> now >= REPEAT ? now - REPEAT : now) >= REPEAT;
    }
}

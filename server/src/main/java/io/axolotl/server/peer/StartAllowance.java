package io.axolotl.server.peer;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many starts of those who are no members yet are written down: each costs a write of the disk that the log is on. So many
 * at once, of all together who share this allowance, and one more after each pause. Nobody has to wait for long after its own
 * last start alone: to a member that lags it may be the leader.
 *
 * <p>Safe for all threads.
 */
final class StartAllowance {
    static final int AT_ONCE = 16;
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final LongSupplier clock;

    /** When nothing of it will be used up any more. */
    private long paidNanos;

    /** @param clock monotonic, as {@code System.nanoTime} */
    StartAllowance(LongSupplier clock) {
        this.clock = clock;
        this.paidNanos = clock.getAsLong();
    }

    /** @return whether one more may be written down now; then it counts as written */
    synchronized boolean take() {
        long nowNanos = clock.getAsLong();
        long aheadNanos = Math.max(0, paidNanos - nowNanos);
        if (aheadNanos > (AT_ONCE - 1) * PAUSE_NANOS) {
            return false;
        }
        paidNanos = nowNanos + aheadNanos + PAUSE_NANOS;
        return true;
    }
}

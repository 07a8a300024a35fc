package io.axolotl.server.peer;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets a line of the log through once a second, and counts those between: who can reach the peer port must not fill the disk with
 * our log (fault A16).
 *
 * <p>Safe for all threads.
 */
final class LinePause {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What {@link #take} says of a line that is not to be written. */
    static final long KEPT_BACK = -1;

    private final LongSupplier clock;
    private long nextNanos;
    private long keptBack;

    /** @param clock monotonic, as {@code System.nanoTime} */
    LinePause(LongSupplier clock) {
        this.clock = clock;
        this.nextNanos = clock.getAsLong();
    }

    /** How many lines were kept back since the last one, or {@link #KEPT_BACK} if this one is too. */
    synchronized long take() {
        long now = clock.getAsLong();
        if (now - nextNanos < 0) {
            keptBack++;
            return KEPT_BACK;
        }
        nextNanos = now + PAUSE_NANOS;
        long before = keptBack;
        keptBack = 0;
        return before;
    }

    /** What to put behind a line that follows on so many which were kept back. */
    static String tail(long keptBack) {
        return keptBack == 0 ? "" : " (and " + keptBack + " others since the last such line)";
    }
}

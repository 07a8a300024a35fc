package io.axolotl.server.peer;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps what several senders send together below a rate. Whoever has sent says so, and is told how long to wait before it
 * sends again; room that nobody used is kept for a short burst only, so that a pause is not made up for by a flood.
 *
 * <p>Safe for all threads.
 */
final class TokenBucket {
    /** Unused room is kept for this long. */
    private static final double BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final long bytesPerSecond;
    private final LongSupplier clock;

    /** What may be sent at once; below zero while more was sent than was due. */
    private double room;

    private long filledAtNanos;

    /**
     * @param bytesPerSecond 0 for no bound
     * @param clock monotonic, as {@code System.nanoTime}
     */
    TokenBucket(long bytesPerSecond, LongSupplier clock) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a rate must not be negative, got " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.filledAtNanos = clock.getAsLong();
        this.room = burst();
    }

    private double burst() {
        return bytesPerSecond * BURST_NANOS / 1e9;
    }

    /**
     * So much has been sent.
     *
     * @return for how many nanoseconds the sender must not send again
     */
    synchronized long sent(long bytes) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        long nowNanos = clock.getAsLong();
        room = Math.min(burst(), room + (nowNanos - filledAtNanos) * (bytesPerSecond / 1e9)) - bytes;
        filledAtNanos = nowNanos;
        return room >= 0 ? 0 : (long) Math.ceil(-room * 1e9 / bytesPerSecond);
    }
}

package io.axolotl.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what plain HTTP holds in memory for all its clients together: bodies that arrive or are being answered, and
 * answers that are not taken yet. One connection is bounded by {@link HttpLimits}; this is against many.
 *
 * <p>Safe for all threads.
 */
final class HttpBudget {
    private final long maxBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    HttpBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** @return false if there is no room; then nothing is held */
    boolean take(long bytes) {
        if (heldBytes.addAndGet(bytes) > maxBytes) {
            heldBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Of what was taken. */
    void give(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }
}

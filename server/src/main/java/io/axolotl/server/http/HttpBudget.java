package io.axolotl.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what is held in memory for all HTTP clients together: by {@link HttpLimits} one connection is bounded, and this is
 * against many.
 *
 * <p>Safe for all threads.
 */
public final class HttpBudget {
    private final long maxBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    public HttpBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** @return false if there is no room; then nothing is held */
    public boolean take(long bytes) {
        if (heldBytes.addAndGet(bytes) > maxBytes) {
            heldBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Of what was taken. */
    public void give(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }
}

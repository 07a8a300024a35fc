package io.axolotl.server.peer;

import java.util.concurrent.TimeUnit;

/**
 * How long to leave a peer alone after a transfer to it has failed: longer with every failure in a row, so that what cannot
 * succeed is not tried without end (pitfall 44), but short after a transfer that has carried something, for a broken
 * connection costs only what was on its way.
 *
 * <p>Confined to one thread at a time.
 */
final class RetryPause {
    static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private long nextNanos = SHORTEST_NANOS;

    /**
     * A transfer has failed.
     *
     * @param sentBytes what it had carried by then
     * @return how long to wait
     */
    long failed(long sentBytes) {
        if (sentBytes > 0) {
            nextNanos = SHORTEST_NANOS;
        }
        long pauseNanos = nextNanos;
        nextNanos = Math.min(LONGEST_NANOS, 2 * nextNanos);
        return pauseNanos;
    }

    void succeeded() {
        nextNanos = SHORTEST_NANOS;
    }
}

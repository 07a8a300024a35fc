package io.axolotl.server.api.admission;

import java.time.Duration;

/**
 * How much may be in flight.
 *
 * <p>Immutable.
 *
 * @param maxBytes of all requests together that are not answered yet
 * @param patience how long a call without a deadline is taken to wait
 */
public record AdmissionLimits(long maxBytes, Duration patience) {
    /** What a call weighs beside its message: the objects that it lives in until it is answered. */
    static final int CALL_BYTES = 1_024;

    private static final long LEAST_BYTES = 16L << 20;
    private static final long MOST_BYTES = 512L << 20;

    /** An eighth of the heap: a request is there up to three times, as a message, as a command and in the log's cache. */
    public static AdmissionLimits ofHeap(Duration patience) {
        long eighth = Runtime.getRuntime().maxMemory() / 8;
        return new AdmissionLimits(Math.max(LEAST_BYTES, Math.min(eighth, MOST_BYTES)), patience);
    }

    /** The part of the bytes that is not kept for what is essential. */
    long ordinaryBytes() {
        return maxBytes / 4 * 3;
    }
}

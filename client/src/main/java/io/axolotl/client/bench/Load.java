package io.axolotl.client.bench;

import java.util.Map;
import org.HdrHistogram.Histogram;

/** What one connection is loaded with, and what came of it. Safe for all threads. */
interface Load {
    /** @param clients operations in flight, in a loop that waits for answers */
    void start(int clients);

    /** Adds what was measured to a total. */
    void addTo(Histogram allLatencies, Map<String, Long> allErrors);

    /** Operations of the measured window that were answered with success within their deadline. */
    long inTime();

    int inFlight();

    /**
     * The times of a run, all monotonic.
     *
     * @param measureFromNanos operations before do not count
     * @param endNanos operations from here on do not count, and none is sent
     */
    record Schedule(long startNanos, long measureFromNanos, long endNanos) {}
}

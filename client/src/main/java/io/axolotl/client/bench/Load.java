package io.axolotl.client.bench;

/** What one connection is loaded with, and what came of it. Safe for all threads. */
interface Load {
    /** @param clients operations in flight, in a loop that waits for answers */
    void start(int clients);

    /** What came of the operations of the measured window. */
    Tally tally();

    int inFlight();

    /**
     * The times of a run, all monotonic.
     *
     * @param measureFromNanos operations before do not count
     * @param endNanos operations from here on do not count, and none is sent
     */
    record Schedule(long startNanos, long measureFromNanos, long endNanos) {}
}

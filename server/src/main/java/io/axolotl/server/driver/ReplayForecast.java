package io.axolotl.server.driver;

import java.util.concurrent.TimeUnit;

/**
 * Predicts how long applying takes from how long it took lately. Entries cost by their number and by their size, in a
 * proportion that nobody knows; so both rates are kept, and the slower prediction counts.
 *
 * <p>Confined to the apply thread.
 */
final class ReplayForecast {
    /** What was measured counts half when this much more has been. */
    private static final double HALF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private double entries;
    private double bytes;
    private double nanos;

    /** This many entries of this many bytes together took this long. */
    void applied(long runEntries, long runBytes, long runNanos) {
        entries += runEntries;
        bytes += runBytes;
        nanos += runNanos;
        if (nanos > 2 * HALF_LIFE_NANOS) {
            entries /= 2;
            bytes /= 2;
            nanos /= 2;
        }
    }

    /** How long these would take; 0 if nothing has been measured. */
    long nanosFor(long someEntries, long someBytes) {
        if (entries == 0) {
            return 0;
        }
        double byNumber = someEntries * nanos / entries;
        double bySize = bytes == 0 ? 0 : someBytes * nanos / bytes;
        return (long) Math.max(byNumber, bySize);
    }
}

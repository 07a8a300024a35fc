package io.axolotl.jepsen.chaos.measure;

/**
 * When service counts as good (faults.md §7.1).
 *
 * @param bucketNanos what is judged at once
 * @param mostNanos an answer may take; the 99th percentile of a bucket's answers is held against it
 * @param goodInARow so many good buckets end a window
 */
public record Bounds(long bucketNanos, long mostNanos, int goodInARow) {
    /** Buckets of 50 ms, answers within 50 ms, a second of good ones. */
    public static final Bounds DEFAULT = new Bounds(50_000_000, 50_000_000, 20);

    public Bounds {
        if (bucketNanos < 1 || mostNanos < 1 || goodInARow < 1) {
            throw new IllegalArgumentException(
                    "bounds must be positive: " + bucketNanos + ", " + mostNanos + ", " + goodInARow);
        }
    }
}

package io.axolotl.jepsen.chaos.measure;

/**
 * A time without service: from the first bad bucket to the end of the last one before enough good ones in a row. Times are
 * nanoseconds since the start of the run.
 *
 * @param fromNanos inclusive
 * @param toNanos exclusive
 * @param isOver whether enough good buckets followed before the probes, or the time that was looked at, ended
 */
public record Window(long fromNanos, long toNanos, boolean isOver) {
    /** How long it was; a lower bound unless {@link #isOver}. */
    public long lengthNanos() {
        return toNanos - fromNanos;
    }
}

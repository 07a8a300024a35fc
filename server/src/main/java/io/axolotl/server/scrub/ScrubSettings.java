package io.axolotl.server.scrub;

import java.util.concurrent.TimeUnit;

/**
 * How often everything is read again, and how fast at most.
 *
 * <p>Immutable.
 *
 * @param intervalNanos from the start of one pass to the start of the next
 * @param bytesPerSecond at most; 0 switches the scrub off
 */
public record ScrubSettings(long intervalNanos, long bytesPerSecond) {
    /** The first pass comes this long after the start at the latest, or a member that is restarted daily would have none. */
    private static final long FIRST_AFTER_NANOS = TimeUnit.MINUTES.toNanos(10);

    public ScrubSettings {
        if (intervalNanos <= 0 || bytesPerSecond < 0) {
            throw new IllegalArgumentException("a scrub every " + intervalNanos + " ns with " + bytesPerSecond
                    + " bytes/s makes no sense: the interval must be positive, the rate not negative");
        }
    }

    /** Once a day, at 8 MiB a second. */
    public static ScrubSettings defaults() {
        return new ScrubSettings(TimeUnit.DAYS.toNanos(1), 8L << 20);
    }

    public boolean isOn() {
        return bytesPerSecond > 0;
    }

    long firstAfterNanos() {
        return Math.min(intervalNanos, FIRST_AFTER_NANOS);
    }
}

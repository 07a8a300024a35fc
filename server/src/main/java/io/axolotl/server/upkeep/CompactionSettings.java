package io.axolotl.server.upkeep;

/**
 * How much history is kept when nobody compacts. Immutable.
 *
 * @param retention nanoseconds or revisions, as {@code mode} says; 0 to compact nothing
 */
public record CompactionSettings(Mode mode, long retention) {
    /** What {@link #retention} counts. */
    public enum Mode {
        PERIODIC,
        REVISION
    }

    public CompactionSettings {
        if (retention < 0) {
            throw new IllegalArgumentException("no history is kept for " + retention);
        }
    }

    AutoCompaction begin(long nowNanos) {
        if (retention == 0) {
            return AutoCompaction.NONE;
        }
        return switch (mode) {
            case PERIODIC -> new PeriodicCompaction(retention, nowNanos);
            case REVISION -> new RevisionCompaction(retention, nowNanos);
        };
    }
}

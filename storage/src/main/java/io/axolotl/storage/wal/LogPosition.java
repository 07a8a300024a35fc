package io.axolotl.storage.wal;

/**
 * A place in the log's files: everything before it is in lower segments, or in this one at lower offsets.
 *
 * <p>Immutable.
 *
 * @param segment number of the segment
 * @param offset bytes from the start of its file
 */
record LogPosition(long segment, long offset) implements Comparable<LogPosition> {
    /** Before every segment. */
    static final LogPosition NONE = new LogPosition(0, 0);

    @Override
    public int compareTo(LogPosition other) {
        int bySegment = Long.compare(segment, other.segment);
        return bySegment != 0 ? bySegment : Long.compare(offset, other.offset);
    }

    boolean isAfter(LogPosition other) {
        return compareTo(other) > 0;
    }

    static LogPosition max(LogPosition a, LogPosition b) {
        return a.isAfter(b) ? a : b;
    }
}

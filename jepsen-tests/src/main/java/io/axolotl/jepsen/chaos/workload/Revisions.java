package io.axolotl.jepsen.chaos.workload;

import java.util.Map;
import java.util.TreeMap;

/** The newest revision that anybody was told of, and which that was some time ago. Safe for all threads. */
final class Revisions {
    /** How far apart the moments are that are remembered, and for how long. */
    private static final long MARK_NANOS = 250_000_000L;

    private static final long REMEMBERED_NANOS = 60_000_000_000L;

    private final TreeMap<Long, Long> marks = new TreeMap<>();
    private long newest;

    synchronized void told(long revision, long nowNanos) {
        newest = Math.max(newest, revision);
        if (marks.isEmpty() || nowNanos - marks.lastKey() >= MARK_NANOS) {
            marks.put(nowNanos, newest);
            marks.headMap(nowNanos - REMEMBERED_NANOS).clear();
        }
    }

    synchronized long newest() {
        return newest;
    }

    /** The newest that anybody had been told of by then; 0 if nothing is remembered of that time. */
    synchronized long asOf(long nanos) {
        Map.Entry<Long, Long> mark = marks.floorEntry(nanos);
        return mark == null ? 0 : mark.getValue();
    }
}

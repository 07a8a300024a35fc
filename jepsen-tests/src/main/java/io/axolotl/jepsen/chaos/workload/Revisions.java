package io.axolotl.jepsen.chaos.workload;

import java.util.ArrayDeque;
import java.util.Deque;

/** How far the store is and was, as far as anybody of a run was told. Safe for all threads. */
final class Revisions {
    private static final long SAMPLE_NANOS = 1_000_000_000;

    /** Of so many seconds, at least. */
    private static final int MOST_SAMPLES = 60;

    private record Sample(long atNanos, long revision) {}

    private final Deque<Sample> samples = new ArrayDeque<>();
    private long first;
    private long newest;

    /** Where the store stood before the run: what is below may have been forgotten by others. */
    synchronized void begin(long revision) {
        first = revision;
        newest = Math.max(newest, revision);
    }

    synchronized void told(long revision) {
        newest = Math.max(newest, revision);
        long now = System.nanoTime();
        if (samples.isEmpty() || now - samples.getLast().atNanos() >= SAMPLE_NANOS) {
            samples.add(new Sample(now, newest));
            if (samples.size() > MOST_SAMPLES) {
                samples.removeFirst();
            }
        }
    }

    synchronized long first() {
        return first;
    }

    synchronized long newest() {
        return newest;
    }

    /** The newest revision of so long ago; that before the run, if the run is not as old. */
    synchronized long ago(long nanos) {
        long moment = System.nanoTime() - nanos;
        long revision = first;
        for (Sample sample : samples) {
            if (sample.atNanos() > moment) {
                break;
            }
            revision = sample.revision();
        }
        return revision;
    }
}

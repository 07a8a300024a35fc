package io.axolotl.server.api.watch;

import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * When to tell watchers that hear nothing how far they are (WA-9 a): each stream has a beat of its own, an interval and up to a
 * tenth of it, so that not all are told at once.
 *
 * <p>Confined to the watch thread.
 */
final class ProgressTicks {
    private final long intervalNanos;
    private final RandomGenerator random;

    /** By when they are due, no two at the same nanosecond. */
    private final TreeMap<Long, WatchStream> due = new TreeMap<>();

    ProgressTicks(long intervalNanos, RandomGenerator random) {
        this.intervalNanos = intervalNanos;
        this.random = random;
    }

    /** A watcher of this stream wants to be told. */
    void wanted(WatchStream stream, long nowNanos) {
        if (stream.nextTickNanos == null) {
            schedule(stream, nowNanos);
        }
    }

    void forget(WatchStream stream) {
        if (stream.nextTickNanos != null) {
            due.remove(stream.nextTickNanos);
        }
    }

    private void schedule(WatchStream stream, long nowNanos) {
        long at = nowNanos + intervalNanos + random.nextLong(intervalNanos / 10 + 1);
        while (due.putIfAbsent(at, stream) != null) {
            at++;
        }
        stream.nextTickNanos = at;
    }

    /** Calls {@code onTick} for each stream whose time has come. */
    void run(long nowNanos, Consumer<WatchStream> onTick) {
        while (!due.isEmpty() && due.firstKey() <= nowNanos) {
            WatchStream stream = due.pollFirstEntry().getValue();
            onTick.accept(stream);
            schedule(stream, nowNanos);
        }
    }

    /** How long until the next, or {@code Long.MAX_VALUE}. */
    long nanosToNext(long nowNanos) {
        return due.isEmpty() ? Long.MAX_VALUE : due.firstKey() - nowNanos;
    }
}

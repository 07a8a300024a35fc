package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.Probe;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A walk over the buckets from a moment on, until service is good again. Buckets in which the prober sent nothing are neither good nor bad.
 * Immutable.
 *
 * @param windows in order; between two of them there are enough good buckets in a row
 * @param badNanos all bad buckets together
 * @param settledNanos where the walk ended
 * @param isSettled whether it ended since service was good, not since there was nothing more to look at
 * @param offered probes sent meanwhile
 * @param lost those of them that were not answered, or not in time
 */
record Scan(List<Window> windows, long badNanos, long settledNanos, boolean isSettled, int offered, int lost) {
    Scan {
        windows = List.copyOf(windows);
    }

    /**
     * Walks until enough good buckets in a row have ended after {@code settleAfterNanos}.
     *
     * @param streams a bucket is good if it is for each of them; at least one
     * @param fromNanos where the first bucket begins
     * @param untilNanos no bucket is looked at that ends later
     */
    static Scan of(
            Collection<ProbeSeries> streams, long fromNanos, long settleAfterNanos, long untilNanos, Bounds bounds) {
        List<Window> windows = new ArrayList<>();
        long badNanos = 0;
        long windowFrom = -1;
        long windowTo = -1;
        int goodInARow = 0;
        boolean isSettled = false;
        long start = fromNanos;
        for (; start + bounds.bucketNanos() <= untilNanos && !isSettled; start += bounds.bucketNanos()) {
            long end = start + bounds.bucketNanos();
            if (isGood(streams, start, end, bounds)) {
                goodInARow++;
                if (goodInARow == bounds.goodInARow() && windowTo >= 0) {
                    windows.add(new Window(windowFrom, windowTo, true));
                    windowTo = -1;
                }
                isSettled = goodInARow >= bounds.goodInARow() && end >= settleAfterNanos;
            } else if (isBad(streams, start, end, bounds)) {
                goodInARow = 0;
                badNanos += bounds.bucketNanos();
                if (windowTo < 0) {
                    windowFrom = start;
                }
                windowTo = end;
            }
        }
        if (windowTo >= 0) {
            windows.add(new Window(windowFrom, windowTo, false));
        }
        return new Scan(
                windows,
                badNanos,
                start,
                isSettled,
                count(streams, fromNanos, start),
                count(streams, fromNanos, start) - served(streams, fromNanos, start, bounds));
    }

    private static boolean isGood(Collection<ProbeSeries> streams, long fromNanos, long toNanos, Bounds bounds) {
        for (ProbeSeries stream : streams) {
            if (!stream.isGood(fromNanos, toNanos, bounds)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBad(Collection<ProbeSeries> streams, long fromNanos, long toNanos, Bounds bounds) {
        return streams.stream()
                .anyMatch(stream -> !stream.isSilent(fromNanos, toNanos) && !stream.isGood(fromNanos, toNanos, bounds));
    }

    private static int count(Collection<ProbeSeries> streams, long fromNanos, long toNanos) {
        return streams.stream()
                .mapToInt(stream -> stream.between(fromNanos, toNanos).size())
                .sum();
    }

    private static int served(Collection<ProbeSeries> streams, long fromNanos, long toNanos, Bounds bounds) {
        int served = 0;
        for (ProbeSeries stream : streams) {
            for (Probe probe : stream.between(fromNanos, toNanos)) {
                served += ProbeSeries.isServed(probe, bounds) ? 1 : 0;
            }
        }
        return served;
    }
}

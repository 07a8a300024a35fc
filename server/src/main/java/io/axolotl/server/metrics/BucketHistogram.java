package io.axolotl.server.metrics;

import com.codahale.metrics.Metric;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations in fixed buckets and keeps their sum, which Dropwizard's own histogram does not and Prometheus needs.
 * Recording is two uncontended additions and no allocation.
 *
 * <p>Safe for all threads. A reader may see a value in the buckets a moment before it is in the sum.
 */
public final class BucketHistogram implements Metric {
    /** etcd's bounds for disk operations: 1 ms doubling to 8 s. Here from 125 µs, since a good disk needs no more. */
    private static final double[] DEFAULT_BOUNDS_SECONDS = {
        0.000125, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048,
        4.096, 8.192
    };

    private final double[] boundsSeconds;
    private final long[] boundsNanos;
    private final AtomicLongArray counts;
    private final LongAdder sumNanos = new LongAdder();

    public BucketHistogram() {
        this(DEFAULT_BOUNDS_SECONDS);
    }

    /** @param boundsSeconds ascending upper bounds, inclusive; a bucket for everything above is added */
    public BucketHistogram(double[] boundsSeconds) {
        this.boundsSeconds = boundsSeconds.clone();
        this.boundsNanos = new long[boundsSeconds.length];
        for (int i = 0; i < boundsSeconds.length; i++) {
            boundsNanos[i] = Math.round(boundsSeconds[i] * 1e9);
            if (i > 0 && boundsNanos[i] <= boundsNanos[i - 1]) {
                throw new IllegalArgumentException("bucket bounds must ascend");
            }
        }
        this.counts = new AtomicLongArray(boundsSeconds.length + 1);
    }

    public void recordNanos(long nanos) {
        int bucket = 0;
        while (bucket < boundsNanos.length && nanos > boundsNanos[bucket]) {
            bucket++;
        }
        counts.incrementAndGet(bucket);
        sumNanos.add(nanos);
    }

    /** Upper bounds in seconds, without the last, unbounded bucket. */
    public double[] boundsSeconds() {
        return boundsSeconds.clone();
    }

    /** Counts per bucket, not cumulative, one longer than {@link #boundsSeconds()}. */
    public long[] counts() {
        long[] copy = new long[counts.length()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    public double sumSeconds() {
        return sumNanos.sum() / 1e9;
    }
}

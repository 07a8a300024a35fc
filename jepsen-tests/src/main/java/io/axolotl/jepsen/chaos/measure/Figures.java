package io.axolotl.jepsen.chaos.measure;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a time was distributed over its samples, in nanoseconds; percentiles are samples (nearest rank). Immutable. */
public record Figures(int count, long minNanos, long medianNanos, long p95Nanos, long maxNanos) {
    /** Those of some samples; null if there are none. */
    public static @Nullable Figures of(Collection<Long> samples) {
        if (samples.isEmpty()) {
            return null;
        }
        List<Long> sorted = samples.stream().sorted().toList();
        return new Figures(
                sorted.size(), sorted.get(0), rank(sorted, 0.5), rank(sorted, 0.95), sorted.get(sorted.size() - 1));
    }

    private static long rank(List<Long> sorted, double share) {
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }
}

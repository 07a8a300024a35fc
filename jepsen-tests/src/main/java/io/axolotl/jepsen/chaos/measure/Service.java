package io.axolotl.jepsen.chaos.measure;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fault cost one view in one kind of call. Times are nanoseconds. Immutable.
 *
 * @param kind {@code write} or {@code read}
 * @param windows without service, from the fault until service was good after it was healed
 * @param withoutNanos all bad buckets together
 * @param recoveryNanos TR: from the fault to the end of the first window, or the length of that window if service was good for a second before;
 *     0 if there was none, null if it was not over when the probes ended
 * @param offered probes sent meanwhile
 * @param lost those of them that were not answered, or not in time: the cost in operations
 */
public record Service(
        View view,
        String kind,
        List<Window> windows,
        long withoutNanos,
        @Nullable Long recoveryNanos,
        int offered,
        int lost) {
    public Service {
        windows = List.copyOf(windows);
    }

    static Service of(View view, String kind, Scan scan, long faultNanos, Bounds bounds) {
        return new Service(
                view,
                kind,
                scan.windows(),
                scan.badNanos(),
                recovery(scan.windows(), faultNanos, bounds),
                scan.offered(),
                scan.lost());
    }

    /** A fault that begins to hurt only after service was good for long enough is recovered from since it hurts. */
    private static @Nullable Long recovery(List<Window> windows, long faultNanos, Bounds bounds) {
        if (windows.isEmpty()) {
            return 0L;
        }
        Window first = windows.get(0);
        boolean isAtOnce = first.fromNanos() - faultNanos < bounds.goodInARow() * bounds.bucketNanos();
        return first.isOver() ? (Long) (first.toNanos() - (isAtOnce ? faultNanos : first.fromNanos())) : null;
    }

    /** Whether every window is over. */
    public boolean isOver() {
        return windows.stream().allMatch(Window::isOver);
    }
}

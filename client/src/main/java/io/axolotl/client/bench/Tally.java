package io.axolotl.client.bench;

import io.grpc.Status;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** What came of the operations of a lane that count. Safe for all threads. */
final class Tally {
    /** Longer answers are recorded as this long. */
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, 3);
    private final Map<String, Long> errors = new TreeMap<>();
    private final long deadlineNanos;
    private long inTime;

    /** @param deadlineNanos of each operation, 0 for none */
    Tally(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    synchronized void ended(Status status, long dueNanos, long nowNanos) {
        if (!status.isOk()) {
            errors.merge(kind(status), 1L, Long::sum);
            return;
        }
        long latencyNanos = Math.max(0, nowNanos - dueNanos);
        latencies.recordValue(Math.min(latencyNanos, MAX_LATENCY_NANOS));
        if (deadlineNanos == 0 || latencyNanos <= deadlineNanos) {
            inTime++;
        }
    }

    /** Adds what was measured to a total. */
    synchronized void addTo(Histogram allLatencies, Map<String, Long> allErrors) {
        allLatencies.add(latencies);
        errors.forEach((error, count) -> allErrors.merge(error, count, Long::sum));
    }

    /** Operations that were answered with success within their deadline. */
    synchronized long inTime() {
        return inTime;
    }

    private static String kind(Status status) {
        // What gRPC says of a deadline names how long it was and more, each time anew.
        String text = status.getCode() == Status.Code.DEADLINE_EXCEEDED
                ? ""
                : Objects.requireNonNullElse(status.getDescription(), "");
        return status.getCode() + (text.isEmpty() ? "" : ": " + text.substring(0, Math.min(text.length(), 80)));
    }
}

package io.axolotl.jepsen.clients;

import io.axolotl.jepsen.process.Text;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call every so often, whatever became of those before, and takes down how long each took, from when it was due. Safe
 * for all threads.
 */
final class CallMeter implements AutoCloseable {
    private static final int MOST_UNDER_WAY = 10_000;
    private static final int DIGITS = 3;

    private final Supplier<CompletableFuture<?>> call;
    private final long periodNanos;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "call-meter");
        thread.setDaemon(true);
        return thread;
    });
    private final Semaphore room = new Semaphore(MOST_UNDER_WAY);
    private final Histogram all = new ConcurrentHistogram(DIGITS);
    private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
    private final AtomicLong worstNanos = new AtomicLong();
    private long dueNanos;

    /** @param call must not block and not throw */
    CallMeter(Supplier<CompletableFuture<?>> call, long periodNanos) {
        this.call = call;
        this.periodNanos = periodNanos;
    }

    void start() {
        dueNanos = System.nanoTime();
        var unused = clock.scheduleAtFixedRate(this::makeDueCalls, 0, periodNanos, TimeUnit.NANOSECONDS);
    }

    private void makeDueCalls() {
        while (dueNanos - System.nanoTime() <= 0) {
            long due = dueNanos;
            dueNanos += periodNanos;
            if (!room.tryAcquire()) {
                failed("not made: " + MOST_UNDER_WAY + " calls were under way");
                continue;
            }
            var unused = call.get().whenComplete((answer, failure) -> ended(due, failure));
        }
    }

    private void ended(long due, @Nullable Throwable failure) {
        room.release();
        if (failure != null) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            failed(cause.getClass().getSimpleName());
            return;
        }
        long nanos = System.nanoTime() - due;
        all.recordValue(nanos);
        worstNanos.accumulateAndGet(nanos, Math::max);
    }

    private void failed(String why) {
        failures.computeIfAbsent(why, any -> new LongAdder()).increment();
    }

    /** The longest of the calls that have succeeded since this was asked last. */
    long takeWorstNanos() {
        return worstNanos.getAndSet(0);
    }

    /** That have succeeded. */
    long done() {
        return all.getTotalCount();
    }

    long failed() {
        return failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** How often what went wrong, in words; empty if nothing did. */
    String failures() {
        return failures.isEmpty() ? "" : failures.toString();
    }

    /** @param percentile 0 to 100 */
    long nanosAt(double percentile) {
        return all.getValueAtPercentile(percentile);
    }

    long worstNanos() {
        return all.getMaxValue();
    }

    /** In words. */
    String latency() {
        return "p50 " + Text.duration(nanosAt(50)) + ", p99 " + Text.duration(nanosAt(99)) + ", worst "
                + Text.duration(worstNanos());
    }

    /** Makes no more calls. Those under way end by themselves. */
    void stop() {
        clock.shutdownNow();
    }

    /** Whether every call that was made has ended. */
    boolean isQuiet() {
        return room.availablePermits() == MOST_UNDER_WAY;
    }

    @Override
    public void close() {
        stop();
    }
}

package io.axolotl.server.stage;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Ends the process when a stage has been in one turn of its loop for too long (pitfall 67): a hung leader would keep its
 * clients waiting and, as long as its heartbeats still go out, its peers from electing another (pitfall 25).
 *
 * <p>The bound is generous where a turn may touch the disk and tight for the driver, whose turns never do. A machine that
 * was suspended looks like a hang for one look; so the watchdog itself must have looked recently for a turn to count.
 *
 * <p>Safe for all threads.
 */
public final class Watchdog {
    private static final long LOOK_EVERY_NANOS = 500_000_000L;

    private final List<Watched> watched;
    private final LongSupplier clock;
    private final FatalHandler fatal;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private long lastLookNanos;

    /** When all were last found well. */
    private volatile long wellAtNanos;

    /** @param maxTurnNanos how long one turn may take before the process is ended */
    public record Watched(StageThread stage, long maxTurnNanos) {}

    public Watchdog(List<Watched> watched, LongSupplier clock, FatalHandler fatal) {
        this.watched = List.copyOf(watched);
        this.clock = clock;
        this.fatal = fatal;
        this.lastLookNanos = clock.getAsLong();
        this.wellAtNanos = lastLookNanos;
    }

    public void start(String name) {
        ProcessThreads.named(name, this::loop, fatal).start();
    }

    public void stop() {
        stopped.countDown();
    }

    private void loop() {
        try {
            while (!stopped.await(LOOK_EVERY_NANOS, TimeUnit.NANOSECONDS)) {
                if (look()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return true if a stage hangs and the fatal handler was called */
    boolean look() {
        long now = clock.getAsLong();
        boolean wasSuspended = now - lastLookNanos > 4 * LOOK_EVERY_NANOS;
        lastLookNanos = now;
        if (wasSuspended) {
            return false;
        }
        for (Watched each : watched) {
            long turnNanos = each.stage.turnNanos(now);
            if (turnNanos > each.maxTurnNanos) {
                StackTraceElement[] stack = each.stage.runner().getStackTrace();
                fatal.fatal(
                        "thread " + each.stage.thread().getName() + " has hung for "
                                + TimeUnit.NANOSECONDS.toMillis(turnNanos) + " ms in "
                                + (stack.length == 0 ? "an unknown place" : stack[0].toString()),
                        null);
                return true;
            }
        }
        wellAtNanos = now;
        return false;
    }

    /** Whether all stages were found well within the last {@code nanos}. */
    public boolean hasSeenAllWellWithin(long nanos) {
        return clock.getAsLong() - wellAtNanos <= nanos;
    }
}

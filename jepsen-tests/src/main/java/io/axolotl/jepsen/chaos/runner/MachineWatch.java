package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees whether the machine lets this program run: a thread that wants to wake every 10 ms and counts by how much it was late. What a
 * cluster does on a machine that has no time for it is no statement about the cluster. Safe for all threads.
 */
final class MachineWatch implements AutoCloseable {
    /** Of the run. */
    static final double MOST_SHARE = 0.05;

    static final String JUDGE = "machine";

    private static final long PERIOD_NANOS = 10_000_000;
    /** Less is every day's business. */
    private static final long NOTABLE_NANOS = 100_000_000;

    private final Thread thread = new Thread(this::watch, "machine-watch");
    private final long startNanos = System.nanoTime();
    private final AtomicLong lateNanos = new AtomicLong();
    private volatile boolean stopping;

    private MachineWatch() {}

    static MachineWatch start() {
        MachineWatch watch = new MachineWatch();
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        while (!stopping) {
            long due = System.nanoTime() + PERIOD_NANOS;
            LockSupport.parkNanos(PERIOD_NANOS);
            long late = System.nanoTime() - due;
            if (late > NOTABLE_NANOS) {
                long unused = lateNanos.addAndGet(late);
            }
        }
    }

    /** What it comes to so far. */
    Verdict judge() {
        return judge(lateNanos.get(), System.nanoTime() - startNanos);
    }

    static Verdict judge(long lateNanos, long wholeNanos) {
        double share = (double) lateNanos / Math.max(1, wholeNanos);
        String summary = String.format(
                Locale.ROOT,
                "the machine kept this program waiting for %.1f of %.1f s",
                lateNanos / 1e9,
                wholeNanos / 1e9);
        return new Verdict(JUDGE, share > MOST_SHARE ? Verdict.Kind.VOID : Verdict.Kind.VALID, summary, List.of());
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
    }
}

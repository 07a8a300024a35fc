package io.axolotl.server.api;

import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads on which the store is read: never those of the pipeline, which would hold up consensus, and not an event
 * loop when more than one key is read. A read barrier releases many reads at once; they queue here, and a thread that is
 * awake takes one after the other without being woken again.
 *
 * <p>There are three lanes with threads of their own: reads of single keys, which are short; ranges, which may take seconds;
 * and what goes through the whole store for an operator, one at a time. Otherwise as many long scans as there are threads
 * would stop every read, and the member would seem sick.
 *
 * <p>Bounded by count: a read holds only its query while it waits. An exception in a read means that the store is broken
 * and goes to the {@link FatalHandler}, which ends the process.
 *
 * <p>Safe for all threads.
 */
public final class ReadPool implements AutoCloseable {
    private static final int MAX_PENDING = 65_536;
    private static final int MAX_PENDING_PASSES = 64;

    private final ThreadPoolExecutor scans;
    private final ThreadPoolExecutor points;
    private final ThreadPoolExecutor passes;

    /** @param threads of each lane for clients */
    public ReadPool(String name, int threads, FatalHandler fatal) {
        this.scans = lane(name + "-scan", threads, MAX_PENDING, fatal);
        this.points = lane(name + "-point", threads, MAX_PENDING, fatal);
        this.passes = lane(name + "-pass", 1, MAX_PENDING_PASSES, fatal);
    }

    private static ThreadPoolExecutor lane(String name, int threads, int maxPending, FatalHandler fatal) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(maxPending),
                ProcessThreads.factory(name, fatal));
    }

    /** Runs {@code read} soon, or returns false if too many wait already or the pool is closed. */
    public boolean offer(Runnable read) {
        return offer(scans, read);
    }

    /** As {@link #offer}, for a read that looks at few keys: long ones are not in its way. */
    public boolean offerPoint(Runnable read) {
        return offer(points, read);
    }

    /** As {@link #offer}, for what goes through the whole store: one after the other. */
    public boolean offerPass(Runnable pass) {
        return offer(passes, pass);
    }

    private static boolean offer(ThreadPoolExecutor lane, Runnable read) {
        try {
            lane.execute(read);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** Takes no more reads; those that were taken are finished, for at most {@code timeout}. */
    public boolean drain(long timeout, TimeUnit unit) throws InterruptedException {
        close();
        long deadlineNanos = System.nanoTime() + unit.toNanos(timeout);
        return points.awaitTermination(timeout, unit)
                && scans.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
                && passes.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        passes.shutdown();
        scans.shutdown();
        points.shutdown();
    }
}

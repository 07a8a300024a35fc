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
 * <p>Bounded by count: a read holds only its query while it waits. An exception in a read means that the store is broken
 * and goes to the {@link FatalHandler}, which ends the process.
 *
 * <p>Safe for all threads.
 */
public final class ReadPool implements AutoCloseable {
    private static final int MAX_PENDING = 65_536;

    private final ThreadPoolExecutor threads;

    public ReadPool(String name, int threads, FatalHandler fatal) {
        this.threads = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_PENDING),
                ProcessThreads.factory(name, fatal));
    }

    /** Runs {@code read} soon, or returns false if too many wait already or the pool is closed. */
    public boolean offer(Runnable read) {
        try {
            threads.execute(read);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    /** Takes no more reads; those that were taken are finished, for at most {@code timeout}. */
    public boolean drain(long timeout, TimeUnit unit) throws InterruptedException {
        threads.shutdown();
        return threads.awaitTermination(timeout, unit);
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}

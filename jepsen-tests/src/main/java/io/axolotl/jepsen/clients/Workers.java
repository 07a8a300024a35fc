package io.axolotl.jepsen.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Threads that do one thing again and again, with a pause after each, until they are stopped. Stopped by one thread. */
final class Workers {
    private final List<Thread> threads = new ArrayList<>();
    private final long pauseNanos;
    private volatile boolean isStopping;
    private volatile @Nullable Throwable failure;

    /** @param turn what worker {@code n} does, counting from 0 */
    Workers(String name, int count, long pauseNanos, IntConsumer turn) {
        this.pauseNanos = pauseNanos;
        for (int worker = 0; worker < count; worker++) {
            int number = worker;
            Thread thread = new Thread(() -> work(number, turn), name + "-" + worker);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void work(int number, IntConsumer turn) {
        try {
            while (!isStopping) {
                turn.accept(number);
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    boolean isStopping() {
        return isStopping;
    }

    /**
     * Lets each finish what it is at.
     *
     * @return what broke one of them
     */
    Optional<String> stop(long boundNanos) {
        isStopping = true;
        long end = System.nanoTime() + boundNanos;
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                return Optional.of(thread.getName() + " does not end: a call has outlived its time");
            }
        }
        return Optional.ofNullable(failure).map(broken -> "a worker broke: " + broken);
    }
}

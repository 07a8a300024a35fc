package io.axolotl.jepsen.workload;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Outcome;
import io.axolotl.client.PutResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that write through one client, each one write after the other and never twice the same, until they are stopped. A
 * write that fails is recorded and left; the next is a new one. Started once, stopped once, by one thread.
 */
public final class Writers implements AutoCloseable {
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);

    private final AxolotlClient client;
    private final Ledger ledger;
    private final long pauseNanos;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /** @param perWriterRate most writes that one writer begins in a second */
    private Writers(AxolotlClient client, Ledger ledger, int perWriterRate) {
        this.client = client;
        this.ledger = ledger;
        this.pauseNanos = 1_000_000_000L / perWriterRate;
    }

    /**
     * Starts the writers.
     *
     * @param client stays the caller's; it must outlive the writers
     * @param perWriterRate most writes that one writer begins in a second
     */
    public static Writers start(AxolotlClient client, String prefix, int writers, int perWriterRate) {
        Writers started = new Writers(client, new Ledger(prefix, writers), perWriterRate);
        for (int writer = 0; writer < writers; writer++) {
            int number = writer;
            Thread thread = new Thread(() -> started.write(number), "writer-" + number);
            thread.setDaemon(true);
            started.threads.add(thread);
        }
        started.threads.forEach(Thread::start);
        return started;
    }

    /** The outcomes so far. */
    public Ledger ledger() {
        return ledger;
    }

    private void write(int writer) {
        try {
            long next = System.nanoTime();
            for (int sequence = 0; !stopping; sequence++) {
                UniqueWrite write = new UniqueWrite(ledger.prefix(), writer, sequence);
                record(write, client.kv().put(write.key(), write.value()).awaitOutcome());
                next = Math.max(next + pauseNanos, System.nanoTime() - 10 * pauseNanos);
                long pause = next - System.nanoTime();
                if (pause > 0) {
                    LockSupport.parkNanos(pause);
                }
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    private void record(UniqueWrite write, Outcome<PutResult> outcome) {
        if (outcome instanceof Outcome.Done<PutResult> done) {
            ledger.acknowledge(write, done.result().header().revision());
        } else if (outcome instanceof Outcome.Refused<PutResult>) {
            ledger.refuse(write);
        } else {
            ledger.leaveUnknown(write);
        }
    }

    /**
     * Lets every writer finish the write that it is at.
     *
     * @return the complete ledger
     * @throws IllegalStateException if a writer broke, or does not end
     */
    public Ledger stop() {
        stopping = true;
        long deadline = System.nanoTime() + STOP_BOUND.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new IllegalStateException(
                        thread.getName() + " does not end; its client must have a bounded budget");
            }
        }
        Throwable broke = failure.get();
        if (broke != null) {
            throw new IllegalStateException("a writer broke", broke);
        }
        return ledger;
    }

    /** Tells the writers to end, without waiting. */
    @Override
    public void close() {
        stopping = true;
    }
}

package io.axolotl.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A read that is made a second time when it has not been answered after a while. The first answer counts, and what is under way
 * then is given up; if neither is answered, the failure of the first one counts. Safe for all threads.
 */
final class HedgedRead<R> {
    private final Pending<R> pending;

    /** The first, and the second once it is made. Guarded by this. */
    private final List<Pending<R>> made = new ArrayList<>();

    /** How many of them have failed, and the first one's failure. Guarded by this. */
    private int failed;

    private @Nullable Throwable failure;

    private HedgedRead(Pending<R> pending) {
        this.pending = pending;
    }

    /**
     * @param pending ends as the read does; cancelling it gives up all of it
     * @param first under way
     * @param second makes the read once more, or does not
     */
    static <R> void run(
            Pending<R> pending,
            Pending<R> first,
            Supplier<Optional<Pending<R>>> second,
            long delayNanos,
            ScheduledExecutorService timer) {
        HedgedRead<R> read = new HedgedRead<>(pending);
        read.follow(first);
        Future<?> later = read.schedule(second, delayNanos, timer);
        var unused = pending.whenComplete((result, why) -> {
            if (later != null) {
                later.cancel(false);
            }
            read.giveUp();
        });
    }

    private @Nullable Future<?> schedule(
            Supplier<Optional<Pending<R>>> second, long delayNanos, ScheduledExecutorService timer) {
        try {
            return timer.schedule(
                    () -> {
                        if (!pending.isDone()) {
                            second.get().ifPresent(this::follow);
                        }
                    },
                    delayNanos,
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            // The first one hears of it too.
            return null;
        }
    }

    private void follow(Pending<R> read) {
        synchronized (this) {
            made.add(read);
        }
        var unused = read.whenComplete((result, why) -> {
            if (why == null) {
                pending.complete(result);
            } else {
                failed(read, why);
            }
        });
        if (pending.isDone()) {
            read.cancel(true);
        }
    }

    private void failed(Pending<R> read, Throwable why) {
        Throwable all;
        synchronized (this) {
            failed++;
            if (failure == null || read == made.get(0)) {
                failure = why;
            }
            all = failed == made.size() ? failure : null;
        }
        if (all != null) {
            pending.completeExceptionally(all);
        }
    }

    private void giveUp() {
        List<Pending<R>> all;
        synchronized (this) {
            all = List.copyOf(made);
        }
        all.forEach(read -> read.cancel(true));
    }
}

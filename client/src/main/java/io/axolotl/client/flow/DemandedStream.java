package io.axolotl.client.flow;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one subscriber of a publisher gets: one signal after the other, on the executor, and no item that was not asked for.
 *
 * <p>A source says what is next ({@link #poll}) and calls {@link #lookSoon} whenever that may have changed. An executor that takes no
 * more is an error for the subscriber, told on whatever thread had something for it; so is a source that cannot be opened. A
 * subscriber that throws gets nothing more (§2.13 of Reactive Streams), and whoever runs the executor hears of it.
 *
 * <p>Safe for all threads; what a source implements is called by one thread at a time, but for {@link #close}.
 *
 * @param <T> an item of the stream
 */
public abstract class DemandedStream<T> implements Flow.Subscription {
    /** What a source has for its subscriber. */
    public sealed interface Next<T> {
        /** An item, which the subscriber has asked for. */
        record Item<T>(T value) implements Next<T> {}

        /** @param failure null if the stream is complete */
        record End<T>(@Nullable Throwable failure) implements Next<T> {}
    }

    private final Flow.Subscriber<? super T> subscriber;
    private final Executor executor;
    private final String item;
    private final AtomicLong demand = new AtomicLong();

    /** Reasons to look for something to signal; whoever makes it more than 0 has somebody look. */
    private final AtomicInteger reasons = new AtomicInteger();

    private volatile boolean isOver;
    private volatile boolean isDemandBad;

    /** Confined to who looks, one at a time. */
    private boolean isBegun;

    /** @param item what one item is called, for the error of who asks for none of them */
    protected DemandedStream(Flow.Subscriber<? super T> subscriber, Executor executor, String item) {
        this.subscriber = subscriber;
        this.executor = executor;
        this.item = item;
    }

    /** Begins with the source; the subscriber has its subscription. What this throws is the error that the subscriber hears. */
    protected abstract void open();

    /** Whether {@link #poll} gives the end next, which needs no demand. */
    protected abstract boolean isAtEnd();

    /** @return null if nothing is here yet: {@link #lookSoon} will be called when something is */
    protected abstract @Nullable Next<T> poll();

    /** Lets go of the source, opened or not; called from any thread, perhaps more than once. */
    protected abstract void close();

    @Override
    public final void request(long count) {
        if (count <= 0) {
            isDemandBad = true;
        } else {
            demand.getAndUpdate(before -> before + count < 0 ? Long.MAX_VALUE : before + count);
        }
        lookSoon();
    }

    @Override
    public final void cancel() {
        isOver = true;
        close();
    }

    /** Has the executor look for something to signal; the first call of all begins the stream. */
    public final void lookSoon() {
        if (reasons.getAndIncrement() != 0) {
            return;
        }
        try {
            executor.execute(this::look);
        } catch (RejectedExecutionException e) {
            refused(e);
        }
    }

    /** The subscriber hears of it at once. Nobody else looks any more, for there is a reason left. */
    private void refused(RejectedExecutionException why) {
        if (isOver) {
            return;
        }
        if (!isBegun) {
            isBegun = true;
            subscriber.onSubscribe(this);
        }
        fail(why);
    }

    private void look() {
        int seen = reasons.get();
        do {
            if (!isOver) {
                signalOrCancel();
            }
            seen = reasons.addAndGet(-seen);
        } while (seen != 0);
    }

    private void signalOrCancel() {
        try {
            signal();
        } catch (RuntimeException | Error e) {
            cancel();
            throw e;
        }
    }

    private void signal() {
        if (!isBegun) {
            begin();
        }
        if (isDemandBad) {
            fail(new IllegalArgumentException("a subscriber has to ask for 1 " + item + " at least (§3.9)"));
        }
        while (!isOver && (demand.get() > 0 || isAtEnd())) {
            Next<T> next = poll();
            if (next == null) {
                return;
            }
            if (next instanceof Next.Item<T> here) {
                demand.getAndUpdate(left -> left == Long.MAX_VALUE ? left : left - 1);
                subscriber.onNext(here.value());
            } else if (next instanceof Next.End<T> end) {
                end(end.failure());
            }
        }
    }

    private void begin() {
        isBegun = true;
        subscriber.onSubscribe(this);
        if (isOver) {
            return;
        }
        try {
            open();
        } catch (RuntimeException e) {
            fail(e);
        }
        if (isOver) {
            // Cancelled while it was opened: nobody else has seen what there is to close.
            close();
        }
    }

    private void fail(Throwable failure) {
        end(failure);
    }

    private void end(@Nullable Throwable failure) {
        if (isOver) {
            return;
        }
        cancel();
        if (failure == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(failure);
        }
    }
}

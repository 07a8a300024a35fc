package io.axolotl.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A watch as a stream with demand: each subscriber has a watch of its own, which begins with the subscription and goes on with
 * other members by itself, as {@link Watch} does. What is not asked for waits at the server.
 *
 * <p>Signals come one after the other, on the executor; if that takes no more, the subscriber hears an error, on whatever thread
 * had something for it. The end of the client, and a refusal of the server, is an error; that
 * the server has ended the watch is a message ({@link WatchResult#isCanceled}) and then completion.
 */
final class WatchPublisher implements Flow.Publisher<WatchResult> {
    private final Function<Runnable, Watch> opener;
    private final Executor executor;

    /** @param opener begins a watch that tells the given listener of its messages */
    WatchPublisher(Function<Runnable, Watch> opener, Executor executor) {
        this.opener = opener;
        this.executor = executor;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super WatchResult> subscriber) {
        new Stream(subscriber).begin();
    }

    /** What one subscriber gets. */
    private final class Stream implements Flow.Subscription {
        private final Flow.Subscriber<? super WatchResult> subscriber;
        private final AtomicLong demand = new AtomicLong();

        /** Reasons to look for something to signal; whoever makes it more than 0 has somebody look. */
        private final AtomicInteger reasons = new AtomicInteger();

        private volatile @Nullable Watch watch;
        private volatile boolean isCancelled;
        private volatile boolean isDemandBad;

        /** Confined to who looks, one at a time. */
        private boolean isBegun;

        Stream(Flow.Subscriber<? super WatchResult> subscriber) {
            this.subscriber = subscriber;
        }

        void begin() {
            lookSoon();
        }

        @Override
        public void request(long count) {
            if (count <= 0) {
                isDemandBad = true;
            } else {
                demand.getAndUpdate(before -> before + count < 0 ? Long.MAX_VALUE : before + count);
            }
            lookSoon();
        }

        @Override
        public void cancel() {
            isCancelled = true;
            close();
        }

        private void close() {
            Watch open = watch;
            if (open != null) {
                open.close();
            }
        }

        private void lookSoon() {
            if (reasons.getAndIncrement() != 0) {
                return;
            }
            try {
                executor.execute(this::look);
            } catch (RejectedExecutionException e) {
                refused(e);
            }
        }

        /** The executor takes nothing: the subscriber hears of that at once. Nobody else looks any more, for there is a reason left. */
        private void refused(RejectedExecutionException why) {
            boolean isWanted = !isCancelled;
            cancel();
            if (isWanted) {
                if (!isBegun) {
                    isBegun = true;
                    subscriber.onSubscribe(this);
                }
                subscriber.onError(why);
            }
        }

        private void look() {
            int seen = reasons.get();
            do {
                if (!isCancelled) {
                    signalOrCancel();
                }
                seen = reasons.addAndGet(-seen);
            } while (seen != 0);
        }

        /** A subscriber that throws gets nothing more (§2.13); whoever runs the executor hears of it. */
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
                isBegun = true;
                subscriber.onSubscribe(this);
                if (!isCancelled) {
                    watch = opener.apply(this::lookSoon);
                }
                if (isCancelled) {
                    close();
                    return;
                }
            }
            if (isDemandBad) {
                cancel();
                subscriber.onError(
                        new IllegalArgumentException("a subscriber has to ask for 1 message at least (§3.9)"));
                return;
            }
            Watch open = watch;
            while (open != null && !isCancelled && (demand.get() > 0 || open.isAtEnd())) {
                Watch.Told told = open.poll();
                if (told instanceof Watch.Told.Something something) {
                    demand.getAndUpdate(left -> left == Long.MAX_VALUE ? left : left - 1);
                    subscriber.onNext(something.result());
                } else if (told instanceof Watch.Told.TheEnd) {
                    end(open);
                } else {
                    return;
                }
            }
        }

        private void end(Watch open) {
            isCancelled = true;
            AxolotlException why = open.failure();
            if (why == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(why);
            }
        }
    }
}

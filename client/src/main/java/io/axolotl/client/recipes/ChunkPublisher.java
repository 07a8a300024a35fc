package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A file as a stream with demand: each subscriber gets its chunks from the first on, one fetched at a time, and none before it is asked
 * for. Signals come one after the other, on the executor. Safe for all threads.
 */
final class ChunkPublisher implements Flow.Publisher<Bytes> {
    private final StoredFile file;
    private final Executor executor;

    ChunkPublisher(StoredFile file, Executor executor) {
        this.file = file;
        this.executor = executor;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Bytes> subscriber) {
        new Stream(subscriber).lookSoon();
    }

    /** What one subscriber gets. */
    private final class Stream implements Flow.Subscription {
        private final Flow.Subscriber<? super Bytes> subscriber;
        private final AtomicLong demand = new AtomicLong();

        /** Reasons to look for something to signal; whoever makes it more than 0 has somebody look. */
        private final AtomicInteger reasons = new AtomicInteger();

        private volatile boolean isOver;
        private volatile boolean isDemandBad;

        // Confined to who looks, one at a time.
        private boolean isBegun;
        private long next;
        private @Nullable CompletableFuture<Bytes> fetching;

        Stream(Flow.Subscriber<? super Bytes> subscriber) {
            this.subscriber = subscriber;
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
            isOver = true;
        }

        void lookSoon() {
            if (reasons.getAndIncrement() == 0) {
                executor.execute(this::look);
            }
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
            }
            if (isDemandBad && !isOver) {
                cancel();
                subscriber.onError(new IllegalArgumentException("a subscriber has to ask for 1 chunk at least (§3.9)"));
            }
            while (!isOver) {
                if (next >= file.info().bytes()) {
                    cancel();
                    subscriber.onComplete();
                } else if (demand.get() == 0 || !giveNext()) {
                    return;
                }
            }
        }

        /** @return false if it is not here yet */
        private boolean giveNext() {
            CompletableFuture<Bytes> chunk = fetching;
            if (chunk == null) {
                chunk = file.fetch(file.pieceAt(next, file.info().bytes()));
                fetching = chunk;
                var unused = chunk.whenComplete((content, failure) -> lookSoon());
            }
            if (!chunk.isDone()) {
                return false;
            }
            fetching = null;
            try {
                Bytes content = chunk.join();
                next += content.size();
                demand.getAndUpdate(left -> left == Long.MAX_VALUE ? left : left - 1);
                subscriber.onNext(content);
            } catch (CompletionException e) {
                cancel();
                subscriber.onError(e.getCause() == null ? e : e.getCause());
            }
            return true;
        }
    }
}

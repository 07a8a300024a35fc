package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import io.axolotl.client.flow.DemandedStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A file as a stream with demand: each subscriber gets its chunks from the first on, one fetched at a time, and none before it is asked
 * for. Signals are those of {@link DemandedStream}. Safe for all threads.
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
    private final class Stream extends DemandedStream<Bytes> {
        private long next;
        private @Nullable CompletableFuture<Bytes> fetching;

        Stream(Flow.Subscriber<? super Bytes> subscriber) {
            super(subscriber, executor, "chunk");
        }

        @Override
        protected void open() {}

        @Override
        protected void close() {}

        @Override
        protected boolean isAtEnd() {
            return next >= file.info().bytes();
        }

        @Override
        protected @Nullable Next<Bytes> poll() {
            if (isAtEnd()) {
                return new Next.End<>(null);
            }
            CompletableFuture<Bytes> chunk = fetching;
            if (chunk == null) {
                chunk = file.fetch(file.pieceAt(next, file.info().bytes()));
                fetching = chunk;
                var unused = chunk.whenComplete((content, failure) -> lookSoon());
            }
            if (!chunk.isDone()) {
                return null;
            }
            fetching = null;
            try {
                Bytes content = chunk.join();
                next += content.size();
                return new Next.Item<>(content);
            } catch (CompletionException e) {
                return new Next.End<>(e.getCause() == null ? e : e.getCause());
            }
        }
    }
}

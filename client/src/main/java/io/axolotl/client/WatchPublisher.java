package io.axolotl.client;

import io.axolotl.client.flow.DemandedStream;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A watch as a stream with demand: each subscriber has a watch of its own, which begins with the subscription and goes on with
 * other members by itself, as {@link Watch} does. What is not asked for waits at the server.
 *
 * <p>Signals are those of {@link DemandedStream}. The end of the client, and a refusal of the server, is an error; that
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
        new Stream(subscriber).lookSoon();
    }

    /** What one subscriber gets. */
    private final class Stream extends DemandedStream<WatchResult> {
        private volatile @Nullable Watch watch;

        Stream(Flow.Subscriber<? super WatchResult> subscriber) {
            super(subscriber, executor, "message");
        }

        @Override
        protected void open() {
            watch = opener.apply(this::lookSoon);
        }

        @Override
        protected void close() {
            Watch open = watch;
            if (open != null) {
                open.close();
            }
        }

        @Override
        protected boolean isAtEnd() {
            Watch open = watch;
            return open != null && open.isAtEnd();
        }

        @Override
        protected @Nullable Next<WatchResult> poll() {
            Watch open = watch;
            if (open == null) {
                return null;
            }
            Watch.Told told = open.poll();
            if (told instanceof Watch.Told.Something something) {
                return new Next.Item<>(something.result());
            }
            return told instanceof Watch.Told.TheEnd ? new Next.End<>(open.failure()) : null;
        }
    }
}

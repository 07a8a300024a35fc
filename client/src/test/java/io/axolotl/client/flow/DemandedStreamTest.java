package io.axolotl.client.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.flow.DemandedStream.Next;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One thread and an executor whose tasks are run by hand: each step of a stream is seen. */
final class DemandedStreamTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<Next<String>> source = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private boolean takesTasks = true;
    private @Nullable RuntimeException whenOpened;
    private Runnable onItem = () -> {};
    private int closed;

    private final Executor executor = task -> {
        if (!takesTasks) {
            throw new RejectedExecutionException("full");
        }
        tasks.add(task);
    };

    private final DemandedStream<String> stream = new DemandedStream<>(new Listener(), executor, "word") {
        @Override
        protected void open() {
            heard.add("opened");
            if (whenOpened != null) {
                throw whenOpened;
            }
        }

        @Override
        protected boolean isAtEnd() {
            return source.peek() instanceof Next.End;
        }

        @Override
        protected @Nullable Next<String> poll() {
            return source.poll();
        }

        @Override
        protected void close() {
            closed++;
        }
    };

    private final class Listener implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            heard.add("subscribed");
        }

        @Override
        public void onNext(String item) {
            heard.add(item);
            onItem.run();
        }

        @Override
        public void onError(Throwable failure) {
            heard.add(failure.getClass().getSimpleName() + ": " + failure.getMessage());
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }

    private void comes(String item) {
        source.add(new Next.Item<>(item));
        stream.lookSoon();
    }

    private void ends(@Nullable Throwable failure) {
        source.add(new Next.End<>(failure));
        stream.lookSoon();
    }

    private void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private List<String> heardSince() {
        List<String> all = List.copyOf(heard);
        heard.clear();
        return all;
    }

    @Test
    void itemsComeAsTheyAreAskedFor() {
        stream.lookSoon();
        comes("a");
        comes("b");
        comes("c");
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened");
        stream.request(2);
        run();
        assertThat(heardSince()).containsExactly("a", "b");
        stream.request(Long.MAX_VALUE);
        stream.request(1);
        comes("d");
        run();
        assertThat(heardSince()).containsExactly("c", "d");
        assertThat(closed).isZero();
    }

    @Test
    void theEndNeedsNoDemandAndComesAfterWhatWasAskedFor() {
        stream.lookSoon();
        stream.request(1);
        comes("a");
        ends(null);
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened", "a", "complete");
        assertThat(closed).isPositive();
        stream.request(1);
        comes("b");
        run();
        assertThat(heardSince()).isEmpty();
    }

    @Test
    void aSourceThatFailsIsAnError() {
        stream.lookSoon();
        ends(new IllegalStateException("gone"));
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened", "IllegalStateException: gone");
    }

    @Test
    void aSourceThatCannotBeOpenedIsAnError() {
        whenOpened = new IllegalStateException("closed");
        stream.lookSoon();
        stream.request(1);
        comes("a");
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened", "IllegalStateException: closed");
        assertThat(closed).isPositive();
    }

    @Test
    void anExecutorThatTakesNothingIsAnErrorAtOnce() {
        takesTasks = false;
        stream.lookSoon();
        assertThat(heardSince()).containsExactly("subscribed", "RejectedExecutionException: full");
        comes("a");
        assertThat(heardSince()).isEmpty();
    }

    @Test
    void anExecutorThatTakesNoMoreIsAnErrorInTheMiddle() {
        stream.lookSoon();
        stream.request(2);
        comes("a");
        run();
        takesTasks = false;
        comes("b");
        assertThat(heardSince()).containsExactly("subscribed", "opened", "a", "RejectedExecutionException: full");
        assertThat(closed).isPositive();
    }

    @Test
    void whoAsksForNothingIsToldSo() {
        stream.lookSoon();
        stream.request(0);
        comes("a");
        run();
        assertThat(heardSince())
                .containsExactly(
                        "subscribed",
                        "opened",
                        "IllegalArgumentException: a subscriber has to ask for 1 word at least (§3.9)");
    }

    @Test
    void whoHasCancelledHearsNothing() {
        stream.lookSoon();
        stream.request(3);
        comes("a");
        comes("b");
        onItem = stream::cancel;
        run();
        ends(null);
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened", "a");
        assertThat(closed).isPositive();
    }

    @Test
    void aSubscriberThatThrowsGetsNothingMore() {
        stream.lookSoon();
        stream.request(3);
        comes("a");
        comes("b");
        onItem = () -> {
            throw new IllegalStateException("mine");
        };
        assertThatThrownBy(this::run).hasMessage("mine");
        comes("c");
        run();
        assertThat(heardSince()).containsExactly("subscribed", "opened", "a");
        assertThat(closed).isPositive();
    }
}

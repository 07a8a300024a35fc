package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.QueueConsumer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Work for what the client builds of keys, which goes on by itself while a test does harm to servers. Safe for all threads. */
public final class RecipeWork {
    /** Ends a consumer that takes it. */
    public static final String STOP = "stop";

    private final Semaphore progress = new Semaphore(0);
    private final ConcurrentLinkedQueue<String> consumed = new ConcurrentLinkedQueue<>();

    /** One call after the other. */
    public CompletableFuture<@Nullable Void> oneByOne(int count, IntFunction<CompletableFuture<?>> call) {
        return from(0, count, call);
    }

    private CompletableFuture<@Nullable Void> from(int from, int to, IntFunction<CompletableFuture<?>> call) {
        return from == to
                ? CompletableFuture.completedFuture(null)
                : call.apply(from).thenCompose(done -> {
                    progress.release();
                    return from(from + 1, to, call);
                });
    }

    /** Takes and ends items until one says to stop. */
    public CompletableFuture<@Nullable Void> consume(QueueConsumer consumer) {
        return consumer.take()
                .thenCompose(claim -> claim.done().thenCompose(ended -> {
                    progress.release();
                    if (claim.value().utf8().equals(STOP)) {
                        return CompletableFuture.completedFuture(null);
                    }
                    consumed.add(claim.value().utf8());
                    return consume(consumer);
                }));
    }

    /** What was taken and ended so far, but for what says to stop. */
    public Collection<String> consumed() {
        return consumed;
    }

    /** Waits until so many more calls have ended. */
    public void awaitProgress(int calls, Duration bound) throws InterruptedException {
        assertThat(progress.tryAcquire(calls, bound.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
    }

    /** What a writer appends to a file. */
    public static String entry(String writer, int number, int bytes) {
        return "<" + writer + number + " " + "x".repeat(bytes) + ">";
    }

    /** Every writer's entries are in the file: each once, whole, and in the order in which it wrote them. */
    public static void assertThatAllWasAppended(
            FileStore files, String name, List<String> writers, int entries, int bytes) {
        String content =
                new String(files.read(name, 0, Integer.MAX_VALUE).await().toByteArray(), StandardCharsets.UTF_8);
        for (String writer : writers) {
            assertThat(content.replaceAll("<(?!" + writer + ")[^>]*>", ""))
                    .isEqualTo(IntStream.range(0, entries)
                            .mapToObj(number -> entry(writer, number, bytes))
                            .collect(Collectors.joining()));
        }
    }
}

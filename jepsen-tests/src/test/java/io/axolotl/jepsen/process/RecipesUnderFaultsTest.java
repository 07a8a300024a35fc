package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.recipes.Counter;
import io.axolotl.client.recipes.FifoQueue;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.QueueConsumer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the client builds of keys, in use while processes are paused and killed (the ids are those of the fault catalogue). */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RecipesUnderFaultsTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final int ADDITIONS = 150;
    private static final int ITEMS = 100;
    private static final int APPENDS = 40;

    private final Semaphore progress = new Semaphore(0);

    private CompletableFuture<@Nullable Void> oneByOne(int from, int to, IntFunction<CompletableFuture<?>> call) {
        return from == to
                ? CompletableFuture.completedFuture(null)
                : call.apply(from).thenCompose(done -> {
                    progress.release();
                    return oneByOne(from + 1, to, call);
                });
    }

    private CompletableFuture<@Nullable Void> consume(QueueConsumer consumer, ConcurrentLinkedQueue<String> done) {
        return consumer.take()
                .thenCompose(claim -> claim.done().thenCompose(ended -> {
                    progress.release();
                    if (claim.value().utf8().equals("stop")) {
                        return CompletableFuture.completedFuture(null);
                    }
                    done.add(claim.value().utf8());
                    return consume(consumer, done);
                }));
    }

    private void awaitProgress() throws InterruptedException {
        assertThat(progress.tryAcquire(80, BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private static AxolotlClient client(ProcessCluster cluster) {
        return AxolotlClient.builder()
                .endpoints(cluster.endpoints())
                .requestTimeout(BOUND)
                .build();
    }

    @Test
    @DisplayName(
            "P1, P6: while a leader is paused and another is killed nothing is lost and nothing doubled in a counter, a queue and a file")
    void nothingIsLostAndNothingDoubled(ProcessCluster cluster) throws Exception {
        try (AxolotlClient client = client(cluster);
                AxolotlClient other = client(cluster)) {
            FifoQueue queue = new FifoQueue(client, Bytes.of("recipes/queue"));
            FileStore files = new FileStore(client, Bytes.of("recipes/files"), FileStoreOptions.DEFAULT);
            FileStore chunked = new FileStore(
                    other,
                    Bytes.of("recipes/files"),
                    FileStoreOptions.DEFAULT.withChunkBytes(32).withWholeBytes(0));
            files.create("log", Bytes.EMPTY).await();
            QueueConsumer one = queue.consumer(60, KeptLease.Listener.NONE).await();
            QueueConsumer two = new FifoQueue(other, Bytes.of("recipes/queue"))
                    .consumer(60, KeptLease.Listener.NONE)
                    .await();
            ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<@Nullable Void>> consumers = List.of(consume(one, done), consume(two, done));
            List<CompletableFuture<@Nullable Void>> work = List.of(
                    oneByOne(0, ADDITIONS, i -> new Counter(client, Bytes.of("recipes/count")).add(1)),
                    oneByOne(0, ADDITIONS, i -> new Counter(other, Bytes.of("recipes/count")).add(1)),
                    oneByOne(0, ITEMS, i -> queue.offer(Bytes.of("item" + i))),
                    oneByOne(0, APPENDS, i -> files.append("log", Bytes.of(entry("a", i)))),
                    oneByOne(0, APPENDS, i -> chunked.append("log", Bytes.of(entry("b", i)))));
            awaitProgress();
            ServerProcess paused = cluster.awaitLeader(BOUND);
            paused.pause();
            awaitProgress();
            paused.resume();
            ServerProcess killed = cluster.awaitLeader(BOUND);
            killed.kill();
            awaitProgress();
            killed.startAndAwaitHealthy(BOUND);
            for (CompletableFuture<@Nullable Void> part : work) {
                part.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            }
            queue.offer(Bytes.of("stop")).await();
            queue.offer(Bytes.of("stop")).await();
            for (CompletableFuture<@Nullable Void> consumer : consumers) {
                consumer.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            }
            List<String> offered = new ArrayList<>();
            IntStream.range(0, ITEMS).forEach(i -> offered.add("item" + i));
            assertThat(done).containsExactlyInAnyOrderElementsOf(offered);
            assertThat(client.kv()
                            .get(KeyRange.prefix("recipes/queue/"))
                            .await()
                            .kvs())
                    .isEmpty();
            assertThat(new Counter(client, Bytes.of("recipes/count")).value().await())
                    .isEqualTo(2 * ADDITIONS);
            String log =
                    new String(files.read("log", 0, Integer.MAX_VALUE).await().toByteArray(), StandardCharsets.UTF_8);
            for (String name : List.of("a", "b")) {
                StringBuilder expected = new StringBuilder();
                IntStream.range(0, APPENDS).forEach(i -> expected.append(entry(name, i)));
                assertThat(log.replaceAll("<(?!" + name + ")[^>]*>", "")).isEqualTo(expected.toString());
            }
        }
    }

    private static String entry(String name, int number) {
        return "<" + name + number + " " + "x".repeat(60) + ">";
    }
}

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
import io.axolotl.server.RecipeWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    private static final int ENTRY_BYTES = 60;

    private final RecipeWork work = new RecipeWork();

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
            List<CompletableFuture<@Nullable Void>> consumers = List.of(work.consume(one), work.consume(two));
            List<CompletableFuture<@Nullable Void>> writers = List.of(
                    work.oneByOne(ADDITIONS, i -> new Counter(client, Bytes.of("recipes/count")).add(1)),
                    work.oneByOne(ADDITIONS, i -> new Counter(other, Bytes.of("recipes/count")).add(1)),
                    work.oneByOne(ITEMS, i -> queue.offer(Bytes.of("item" + i))),
                    work.oneByOne(APPENDS, i -> files.append("log", Bytes.of(RecipeWork.entry("a", i, ENTRY_BYTES)))),
                    work.oneByOne(
                            APPENDS, i -> chunked.append("log", Bytes.of(RecipeWork.entry("b", i, ENTRY_BYTES)))));
            work.awaitProgress(80, BOUND);
            ServerProcess paused = cluster.awaitLeader(BOUND);
            paused.pause();
            work.awaitProgress(80, BOUND);
            paused.resume();
            ServerProcess killed = cluster.awaitLeader(BOUND);
            killed.kill();
            work.awaitProgress(80, BOUND);
            killed.startAndAwaitHealthy(BOUND);
            for (CompletableFuture<@Nullable Void> part : writers) {
                part.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            }
            queue.offer(Bytes.of(RecipeWork.STOP)).await();
            queue.offer(Bytes.of(RecipeWork.STOP)).await();
            for (CompletableFuture<@Nullable Void> consumer : consumers) {
                consumer.get(BOUND.toSeconds(), TimeUnit.SECONDS);
            }
            List<String> offered = new ArrayList<>();
            IntStream.range(0, ITEMS).forEach(i -> offered.add("item" + i));
            assertThat(work.consumed()).containsExactlyInAnyOrderElementsOf(offered);
            assertThat(client.kv()
                            .get(KeyRange.prefix("recipes/queue/"))
                            .await()
                            .kvs())
                    .isEmpty();
            assertThat(new Counter(client, Bytes.of("recipes/count")).value().await())
                    .isEqualTo(2 * ADDITIONS);
            RecipeWork.assertThatAllWasAppended(files, "log", List.of("a", "b"), APPENDS, ENTRY_BYTES);
        }
    }
}

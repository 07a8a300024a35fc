package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeptLease;
import io.axolotl.client.KeyRange;
import io.axolotl.client.recipes.CachedView;
import io.axolotl.client.recipes.CachedViewOptions;
import io.axolotl.client.recipes.Counter;
import io.axolotl.client.recipes.FifoQueue;
import io.axolotl.client.recipes.FileStore;
import io.axolotl.client.recipes.FileStoreOptions;
import io.axolotl.client.recipes.QueueConsumer;
import io.axolotl.server.config.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is built of keys, in use on three whole servers while cables are cut, a leader goes and a consumer dies. */
@Timeout(120)
class RecipesClusterTest {
    private static final int ADDITIONS = 40;
    private static final int ITEMS = 40;
    private static final int APPENDS = 12;
    private static final int ENTRY_BYTES = 200;

    @TempDir
    Path folder;

    private final List<Server> servers = new ArrayList<>();
    private final List<Cable> cables = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
    private final RecipeWork work = new RecipeWork();

    @AfterEach
    void close() throws InterruptedException, IOException {
        for (Cable cable : cables) {
            cable.close();
        }
        for (Server server : servers) {
            server.stop();
        }
        assertThat(fatal).isEmpty();
    }

    private void startThree() throws InterruptedException, IOException {
        for (List<String> line : TestServers.commandLines(folder, 3)) {
            ServerConfig config = TestServers.config(line);
            servers.add(Server.start(config, (what, cause) -> fatal.add(what + ": " + cause)));
            cables.add(new Cable(
                    URI.create(config.advertiseClientUrls().get(0).toString()).getPort()));
        }
        for (Server server : servers) {
            assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private AxolotlClient client() {
        return AxolotlClient.builder()
                .endpoints(cables.stream().map(Cable::endpoint).toList())
                .requestTimeout(Duration.ofSeconds(40))
                .build();
    }

    @SuppressWarnings("try") // a client is closed early, as when its process is killed
    @Test
    @DisplayName("P5, N10, pitfalls 51, 52: nothing is lost and nothing doubled in a counter, a queue and a file")
    void nothingIsLostAndNothingDoubled() throws Exception {
        startThree();
        try (AxolotlClient client = client();
                AxolotlClient other = client();
                AxolotlClient dying = client()) {
            client.kv().put("first", "v").await();
            FifoQueue queue = new FifoQueue(client, Bytes.of("queue"));
            FileStore files = new FileStore(
                    client,
                    Bytes.of("fs"),
                    FileStoreOptions.DEFAULT.withChunkBytes(512).withWholeBytes(1 << 10));
            FileStore sameFiles = new FileStore(
                    other,
                    Bytes.of("fs"),
                    FileStoreOptions.DEFAULT.withChunkBytes(100).withWholeBytes(0));
            files.create("log", Bytes.EMPTY).await();
            for (int i = 0; i < 2; i++) {
                queue.offer(Bytes.of("early" + i)).await();
            }
            QueueConsumer doomed = new FifoQueue(dying, Bytes.of("queue"))
                    .consumer(2, KeptLease.Listener.NONE)
                    .await();
            assertThat(doomed.take().await().value().utf8()).isEqualTo("early0");
            CachedView view = CachedView.open(client, Bytes.of("count"), CachedViewOptions.DEFAULT)
                    .await();
            QueueConsumer one = queue.consumer(60, KeptLease.Listener.NONE).await();
            QueueConsumer two = new FifoQueue(other, Bytes.of("queue"))
                    .consumer(60, KeptLease.Listener.NONE)
                    .await();
            List<CompletableFuture<@Nullable Void>> consumers = List.of(work.consume(one), work.consume(two));
            List<CompletableFuture<@Nullable Void>> writers = List.of(
                    work.oneByOne(ADDITIONS, i -> new Counter(client, Bytes.of("count")).add(1)),
                    work.oneByOne(ADDITIONS, i -> new Counter(other, Bytes.of("count")).add(1)),
                    work.oneByOne(ITEMS, i -> queue.offer(Bytes.of("a" + i))),
                    work.oneByOne(ITEMS, i -> new FifoQueue(other, Bytes.of("queue")).offer(Bytes.of("b" + i))),
                    work.oneByOne(APPENDS, i -> files.append("log", Bytes.of(RecipeWork.entry("a", i, ENTRY_BYTES)))),
                    work.oneByOne(
                            APPENDS, i -> sameFiles.append("log", Bytes.of(RecipeWork.entry("b", i, ENTRY_BYTES)))));
            for (int fault = 0; fault < 6; fault++) {
                work.awaitProgress(30, Duration.ofSeconds(60));
                if (fault == 1) {
                    // As when its process is killed: it renews no more, and revokes nothing.
                    dying.close();
                } else if (fault == 3) {
                    stopLeader();
                } else {
                    cables.get(fault % 3).cut();
                }
            }
            for (CompletableFuture<@Nullable Void> part : writers) {
                part.get(60, TimeUnit.SECONDS);
            }
            while (work.consumed().size() < 2 + 2 * ITEMS) {
                assertThat(consumers).noneMatch(CompletableFuture::isCompletedExceptionally);
                Thread.onSpinWait();
            }
            queue.offer(Bytes.of(RecipeWork.STOP)).await();
            queue.offer(Bytes.of(RecipeWork.STOP)).await();
            for (CompletableFuture<@Nullable Void> consumer : consumers) {
                consumer.get(60, TimeUnit.SECONDS);
            }
            List<String> offered = new ArrayList<>(List.of("early0", "early1"));
            IntStream.range(0, ITEMS).forEach(i -> offered.addAll(List.of("a" + i, "b" + i)));
            assertThat(work.consumed()).containsExactlyInAnyOrderElementsOf(offered);
            assertThat(client.kv().get(KeyRange.prefix("queue/")).await().kvs()).isEmpty();

            assertThat(new Counter(other, Bytes.of("count")).value().await()).isEqualTo(2 * ADDITIONS);
            view.atLeast(client.kv().get("count").await().header().revision()).await();
            assertThat(view.get(Bytes.of("count")).orElseThrow().value().utf8()).isEqualTo("" + 2 * ADDITIONS);

            RecipeWork.assertThatAllWasAppended(files, "log", List.of("a", "b"), APPENDS, ENTRY_BYTES);
        }
    }

    private void stopLeader() throws InterruptedException {
        Server leader = servers.stream()
                .filter(server -> server.node().view().isLeader())
                .findFirst()
                .orElseThrow();
        servers.remove(leader);
        leader.stop();
    }
}

package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.PutResult;
import io.axolotl.testkit.AxolotlCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whole servers, whole clients, and cables between them that are cut while answers are on their way. */
@Timeout(120)
class ExactlyOnceClusterTest {
    private static final int WRITERS = 12;
    private static final int PUTS = 25;

    @RegisterExtension
    final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();

    private final Semaphore done = new Semaphore(0);

    /** One put after the other; ends with the last, or with the first that is not done. */
    private CompletableFuture<@Nullable PutResult> write(AxolotlClient client, String key, int left) {
        if (left == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return client.kv().put(key, "v").thenCompose(result -> {
            done.release();
            return write(client, key, left - 1);
        });
    }

    @Test
    @DisplayName(
            "pitfalls 51, 52, N10, P5: while cables are cut and leaders go, every put ends as done, and was applied once")
    void everyPutIsDoneOnce() throws Exception {
        MetricRegistry metrics = new MetricRegistry();
        try (AxolotlClient client = AxolotlClient.builder()
                .endpoints(cluster.endpoints())
                .requestTimeout(Duration.ofSeconds(40))
                .metrics(metrics)
                .build()) {
            client.kv().put("first", "v").await();
            List<CompletableFuture<@Nullable PutResult>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(write(client, "k" + i, PUTS));
            }
            for (int cuts = 1; cuts <= 10; cuts++) {
                assertThat(done.tryAcquire(PUTS, 60, TimeUnit.SECONDS)).isTrue();
                assertThat(writers).noneMatch(CompletableFuture::isCompletedExceptionally);
                if (cuts == 5) {
                    cluster.stop(cluster.awaitLeader());
                } else {
                    cluster.breakConnections(1 + cuts % 3);
                }
            }
            for (CompletableFuture<@Nullable PutResult> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            for (int i = 0; i < WRITERS; i++) {
                assertThat(client.kv().get("k" + i).await().kvs().get(0).version())
                        .isEqualTo(PUTS);
            }
            assertThat(metrics.counter("axolotl.client.outcomes.unknown").getCount())
                    .isZero();
            assertThat(cluster.nodes())
                    .allSatisfy(node -> assertThat(cluster.death(node)).isEmpty());
        }
    }
}

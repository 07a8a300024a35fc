package io.axolotl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Outcome;
import io.axolotl.client.PutResult;
import io.axolotl.client.RefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cluster of one, as a parameter. */
@Timeout(60)
@WithAxolotl
class AloneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    @DisplayName("P1: a kill loses nothing that was acknowledged")
    void aKilledNodeHasItAll(AxolotlCluster cluster, AxolotlClient client) {
        for (int i = 0; i < 20; i++) {
            client.kv().put("k" + i, "v").await();
        }
        cluster.kill(1);
        cluster.restart(1);
        for (int i = 0; i < 20; i++) {
            assertThat(client.kv().get("k" + i).await().count()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("D1: on a full disk what adds data is refused, and reads and deletes go on")
    void aFullDiskRefusesWhatAddsData(AxolotlCluster cluster, AxolotlClient client) {
        client.kv().put("k", "v").await();
        cluster.fillDisk(1);
        Outcome<PutResult> refused = await().atMost(PATIENCE)
                .until(
                        () -> client.kv().put("more", "v").awaitOutcome(),
                        outcome -> !(outcome instanceof Outcome.Done));
        assertThat(refused).isInstanceOf(Outcome.Refused.class);
        assertThatThrownBy(() -> client.kv().put("more", "v").await())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no space left");
        assertThat(client.kv().get("k").await().count()).isEqualTo(1);
        assertThat(client.kv().delete("k").await().deleted()).isEqualTo(1);
        cluster.freeDisk(1);
        await().atMost(PATIENCE).until(() -> client.kv().put("more", "v").awaitOutcome() instanceof Outcome.Done);
    }

    @Test
    @DisplayName("D4: no put is acknowledged before the slow sync it rests on")
    void aSlowDiskMakesPutsSlow(AxolotlCluster cluster, AxolotlClient client) {
        cluster.slowDisk(1, Duration.ofMillis(200));
        long startNanos = System.nanoTime();
        client.kv().put("k", "v").await();
        assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void aMethodMayHaveItsOwn(AxolotlCluster ofTheClass) {
        assertThat(ofTheClass.nodes()).containsExactly(1);
    }

    @Test
    @WithAxolotl(nodes = 2)
    void aClusterOfOneTest(AxolotlCluster own) {
        assertThat(own.endpoints()).hasSize(2);
        assertThat(own.client().kv().get("k").await().count())
                .as("nobody has written to it")
                .isZero();
    }

    @Nested
    class Within {
        @Test
        void theClusterOfTheClassIsThereInsideToo(AxolotlCluster cluster, AxolotlClient client) {
            client.kv().put("nested", "v").await();
            assertThat(cluster.isRunning(1)).isTrue();
        }
    }

    @Test
    void tlsIsSpokenWithACertificateOfItsOwn() {
        try (AxolotlCluster secure = AxolotlCluster.builder().tls().build().start()) {
            assertThat(secure.endpoints()).allMatch(endpoint -> endpoint.startsWith("https://"));
            secure.client().kv().put("k", "v").await();
            assertThat(secure.caFile()).isRegularFile();
            try (AxolotlClient trusting = AxolotlClient.builder()
                    .endpoints(secure.endpoints())
                    .requestTimeout(Duration.ofSeconds(2))
                    .build()) {
                assertThat(trusting.kv().get("k").awaitOutcome())
                        .as("nobody else trusts it")
                        .isInstanceOf(Outcome.Refused.class);
            }
        }
    }

    @Test
    @DisplayName("pitfall 25: what would end the process ends the node, and a restart goes on")
    void aNodeThatEndsItselfEndsAlone() {
        Path folder;
        try (AxolotlCluster cluster = AxolotlCluster.builder()
                .setting("disk-hang-timeout", "2000")
                .build()
                .start()) {
            folder = cluster.folder();
            cluster.client().kv().put("k", "v").await();
            cluster.slowDisk(1, Duration.ofSeconds(30));
            var unused = cluster.client().kv().put("hangs", "v");
            await().atMost(PATIENCE).until(() -> !cluster.isRunning(1));
            assertThat(cluster.death(1)).isPresent();
            cluster.slowDisk(1, Duration.ZERO);
            cluster.restart(1);
            assertThat(cluster.client().kv().get("k").await().count()).isEqualTo(1);
            assertThat(folder.resolve("cluster.log")).content().contains("node 1 ends itself: ");
        }
        assertThat(folder).as("nothing is left behind").doesNotExist();
    }

    @Test
    void whatTheKitGivesCannotBeSet() {
        for (String own : new String[] {"name", "data-dir", "listen-client-urls", "initial-cluster"}) {
            assertThatThrownBy(() -> AxolotlCluster.builder().setting(own, "x"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(own);
        }
        assertThatThrownBy(() -> AxolotlCluster.builder().nodes(6)).hasMessageContaining("1 to 5");
        assertThatThrownBy(() -> AxolotlCluster.builder().build().endpoints())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@RegisterExtension");
    }
}

package io.axolotl.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Outcome;
import io.axolotl.client.Pending;
import io.axolotl.client.PutResult;
import io.axolotl.client.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each fault of a cluster of three does what it says, one after the other on the same cluster. */
@Timeout(60)
class AxolotlClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    static final AxolotlCluster cluster = AxolotlCluster.builder().nodes(3).build();

    private final AxolotlClient client = AxolotlClient.builder()
            .endpoints(cluster.endpoints())
            .requestTimeout(PATIENCE)
            .build();

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static AxolotlClient clientOf(int node, Duration timeout) {
        return AxolotlClient.builder()
                .endpoints(cluster.endpoint(node))
                .requestTimeout(timeout)
                .build();
    }

    private void put(String key) {
        client.kv().put(key, "v").await();
    }

    private static boolean has(AxolotlClient by, String key, boolean serializable) {
        return !by.kv()
                .get(KeyRange.single(Bytes.of(key)), GetOptions.DEFAULT.withSerializable(serializable))
                .await()
                .kvs()
                .isEmpty();
    }

    private static void awaitOn(int node, String key) {
        try (AxolotlClient one = clientOf(node, PATIENCE)) {
            await().atMost(PATIENCE).until(() -> has(one, key, true));
        }
    }

    @Test
    @DisplayName("N1: a leader that is cut off is followed by another one, which has every acknowledged write")
    void aPartitionedLeaderIsReplaced() {
        put("before the cut");
        int old = cluster.awaitLeader();

        cluster.isolate(old);

        assertThat(cluster.awaitLeader()).isNotEqualTo(old);
        assertThat(has(client, "before the cut", false)).isTrue();
        put("during the cut");
        try (AxolotlClient minority = clientOf(old, Duration.ofSeconds(1))) {
            assertThatThrownBy(() -> minority.kv().get("during the cut").await())
                    .as("no linearizable read from the smaller part")
                    .isInstanceOf(AxolotlException.class);
            assertThat(has(minority, "during the cut", true)).isFalse();
        }
        cluster.heal();
        awaitOn(old, "during the cut");
    }

    @Test
    @DisplayName("N1: without a majority in any part nobody leads")
    void threePartsHaveNoLeader() {
        cluster.partition(Set.of(1), Set.of(2), Set.of(3));

        assertThat(cluster.leader()).isEmpty();
        try (AxolotlClient one = clientOf(1, Duration.ofSeconds(1))) {
            assertThat(one.kv().put("nowhere", "v").awaitOutcome()).isNotInstanceOf(Outcome.Done.class);
        }
        cluster.heal();
        int unused = cluster.awaitLeader();
        put("healed");
    }

    @Test
    @DisplayName("P1: kills and restarts in a row keep every acknowledged write")
    void killsKeepWhatWasAcknowledged() {
        Set<String> acknowledged = new TreeSet<>();
        for (int round = 0; round < 3; round++) {
            List<Pending<PutResult>> puts = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                puts.add(client.kv().put("killed/" + round + "/" + i, "v"));
            }
            int victim = cluster.awaitLeader();
            puts.get(10).await();
            cluster.kill(victim);
            assertThat(cluster.isRunning(victim)).isFalse();
            for (int i = 0; i < 50; i++) {
                if (puts.get(i).awaitOutcome() instanceof Outcome.Done) {
                    acknowledged.add("killed/" + round + "/" + i);
                }
            }
            cluster.restart(victim);
            cluster.awaitReady(victim);
        }
        assertThat(acknowledged).as("exactly-once writes outlast a kill").hasSize(150);
        for (int node : cluster.nodes()) {
            try (AxolotlClient one = clientOf(node, PATIENCE)) {
                assertThat(one.kv()
                                .get(KeyRange.prefix(Bytes.of("killed/")))
                                .await()
                                .kvs())
                        .extracting(kv -> kv.key().utf8())
                        .containsAll(acknowledged);
            }
        }
    }

    @Test
    @DisplayName("P2: a paused leader answers nobody, by connections that stay, and follows when it goes on")
    void aPausedLeaderIsReplaced() {
        int old = cluster.awaitLeader();
        try (AxolotlClient its = clientOf(old, Duration.ofSeconds(1))) {
            its.kv().get("k").await();

            cluster.pause(old);

            assertThat(its.kv().get("k").awaitOutcome())
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(((RefusedException) refused.reason()).code())
                                    .isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
            assertThat(cluster.awaitLeader()).isNotEqualTo(old);
            put("while it was paused");
            cluster.resume(old);
            awaitOn(old, "while it was paused");
        }
    }

    @Test
    void aPausedNodeCanBeKilled() {
        int node = cluster.follower();
        cluster.pause(node);
        cluster.kill(node);
        put("without it");
        cluster.restart(node);
        awaitOn(node, "without it");
    }

    @Test
    @DisplayName("what ended behind a cut is noticed after it")
    void aNodeThatIsKilledBehindACutComesBack() {
        int node = cluster.follower();
        cluster.isolate(node);
        cluster.kill(node);
        cluster.heal();
        put("behind the cut");
        cluster.restart(node);
        awaitOn(node, "behind the cut");
    }

    @Test
    @DisplayName("D4: who leads with a slow disk answers slowly, or does not lead for long")
    void aSlowDiskIsFelt() {
        int slow = cluster.awaitLeader();
        cluster.slowDisk(slow, Duration.ofSeconds(1));
        put("slowly");
        for (int i = 0; i < 100 && cluster.leader().orElse(slow) == slow; i++) {
            put("slowly");
        }
        long startNanos = System.nanoTime();
        put("as ever");
        long tookNanos = System.nanoTime() - startNanos;
        // The others make a majority without its disk.
        assertThat(tookNanos).isLessThan(TimeUnit.SECONDS.toNanos(10));
        awaitOn(slow, "as ever");
    }

    @Test
    @DisplayName("D1: a leader whose disk is full hands over, and the cluster goes on")
    void aFullDiskMovesLeadership() {
        int full = cluster.awaitLeader();
        cluster.fillDisk(full);
        await().atMost(PATIENCE).until(() -> cluster.awaitLeader() != full);
        put("elsewhere");
        cluster.freeDisk(full);
        awaitOn(full, "elsewhere");
    }

    @Test
    void theClusterIsWholeAgainForTheNextTest() {
        cluster.kill(1);
        cluster.pause(2);
        cluster.isolate(3);
        cluster.fillDisk(3);
        cluster.restore();
        put("whole");
        for (int node : cluster.nodes()) {
            awaitOn(node, "whole");
        }
    }

    @Test
    void aNodeThatIsStoppedAndStartedAgainIsFoundAtTheSameEndpoint() {
        String endpoint = cluster.endpoint(2);
        cluster.stop(2);
        assertThat(cluster.isRunning(2)).isFalse();
        cluster.restart(2);
        assertThat(cluster.endpoint(2)).isEqualTo(endpoint);
        cluster.awaitReady(2);
        put("again");
        awaitOn(2, "again");
    }

    @Test
    void theClientKnowsTheMembersByTheEndpoints() {
        assertThat(client.cluster().members().await().members())
                .extracting(member -> member.clientUrls().get(0))
                .containsExactlyInAnyOrderElementsOf(cluster.endpoints());
    }

    @Test
    void whatIsNoNodeIsRefused() {
        assertThatThrownBy(() -> cluster.kill(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no node 4; they are 1 to 3");
        assertThatThrownBy(() -> cluster.partition(Set.of(1, 2), Set.of(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("node 2 is in two groups");
    }
}

package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.ErrorCode;
import io.axolotl.client.Outcome;
import io.axolotl.client.PutResult;
import io.axolotl.client.StatusResult;
import io.axolotl.client.transport.LoopbackPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What must be refused is refused in words that help, and nothing is lost over it. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BadInputTest {
    private static final Duration BOUND = SharedCluster.BOUND;

    @TempDir
    private Path temp;

    @BeforeEach
    void onlyForAxolotl() {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "the messages are Axolotl's own");
    }

    /**
     * Runs a server that must end by itself.
     *
     * @return what it printed
     */
    private static String refusal(ServerProcess.Spec spec) {
        ServerProcess server = new ServerProcess(spec);
        try {
            server.start();
            int exitCode = server.awaitExit(BOUND);
            assertThat(exitCode).as("exit code, after:%n%s", server.log()).isNotZero();
            return server.log();
        } finally {
            server.kill();
        }
    }

    /** A server that is a cluster by itself, with folders under {@code temp}. */
    private ServerProcess.Spec single(String folder) {
        try (ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL)
                .size(1)
                .root(temp.resolve(folder))
                .build()) {
            return cluster.nodes().get(0).spec();
        }
    }

    @Test
    @DisplayName("a flag that does not exist is refused by name")
    void unknownFlagIsRefused() {
        String log = refusal(single("flag").with("snapshot-cuont", "7"));
        assertThat(log).contains("snapshot-cuont");
        assertThat(log).contains("snapshot-count");
    }

    @Test
    @DisplayName("a value that makes no sense is refused with the flag and the reason")
    void impossibleCombinationIsRefused() {
        String log =
                refusal(single("timeouts").with("heartbeat-interval", "900").with("election-timeout", "1000"));
        assertThat(log).contains("election-timeout").contains("heartbeat-interval");
    }

    @Test
    @DisplayName("a config file that is missing, no YAML, or holds an unknown key is refused with its name")
    void unreadableConfigFileIsRefused() throws IOException {
        Path missing = temp.resolve("missing.yml");
        assertThat(refusal(configured(missing))).contains(missing.toString());
        Path broken = Files.writeString(temp.resolve("broken.yml"), "name: [n1\n");
        assertThat(refusal(configured(broken))).contains(broken.toString());
        Path unknown = Files.writeString(temp.resolve("unknown.yml"), "name: n1\nsnapshot-cuont: 7\n");
        assertThat(refusal(configured(unknown))).contains(unknown.toString()).contains("snapshot-cuont");
    }

    private ServerProcess.Spec configured(Path file) {
        return new ServerProcess.Spec(
                Target.AXOLOTL,
                "n1",
                LoopbackPorts.free(),
                LoopbackPorts.free(),
                temp.resolve("data"),
                temp.resolve(file.getFileName() + ".log"),
                List.of("--config-file=" + file),
                Map.of());
    }

    @Test
    @DisplayName("P17: a second process on a data folder is refused, the first goes on")
    void secondProcessOnAFolderIsRefused(ProcessCluster cluster) {
        ServerProcess first = cluster.node("n1");
        int client = LoopbackPorts.free();
        String clientUrl = "http://127.0.0.1:" + client;
        String peerUrl = "http://127.0.0.1:" + LoopbackPorts.free();
        ServerProcess.Spec second = first.spec()
                .with("listen-client-urls", clientUrl)
                .with("advertise-client-urls", clientUrl)
                .with("listen-peer-urls", peerUrl);
        ServerProcess.Spec logged = new ServerProcess.Spec(
                second.target(),
                "second",
                client,
                0,
                second.dataFolder(),
                temp.resolve("second.log"),
                second.flags(),
                second.environment());
        assertThat(refusal(logged))
                .contains(first.spec().dataFolder().toString())
                .containsIgnoringCase("in use by another");
        assertThat(first.isAlive()).isTrue();
        try (AxolotlClient client1 = ProcessCluster.clientOf(first)) {
            client1.kv().put("after-second", "ok").await();
        }
    }

    @Test
    @DisplayName("N21, I16: the folder of another cluster, or of another member, is refused by name")
    void foreignFolderIsRefused() {
        ServerProcess.Spec own = single("foreign");
        ServerProcess server = new ServerProcess(own);
        server.startAndAwaitHealthy(BOUND);
        try (AxolotlClient client = ProcessCluster.clientOf(server)) {
            client.kv().put("kept", "yes").await();
        }
        assertThat(server.stop(BOUND)).isZero();

        String otherCluster = refusal(own.with("initial-cluster-token", "some-other-cluster"));
        assertThat(otherCluster).contains(own.dataFolder().toString()).containsIgnoringCase("cluster");

        server.startAndAwaitHealthy(BOUND);
        try (AxolotlClient client = ProcessCluster.clientOf(server)) {
            assertThat(client.kv().get("kept").await().first().orElseThrow().value())
                    .isEqualTo(Bytes.of("yes"));
        } finally {
            server.kill();
        }
    }

    @Test
    @DisplayName("N21: a peer of another cluster changes nothing and is told apart in the log")
    void peerOfAnotherClusterIsRefused(ProcessCluster cluster) {
        ServerProcess victim = cluster.aFollower();
        victim.kill();
        StatusResult before = cluster.status(cluster.awaitLeader(BOUND)).orElseThrow();
        // Same name, same addresses, a fresh folder, another token: an old member of another cluster on a reused
        // address.
        ServerProcess.Spec strange = victim.spec()
                .with("initial-cluster-token", "another-cluster")
                .with("data-dir", temp.resolve("stranger").toString());
        ServerProcess stranger = new ServerProcess(new ServerProcess.Spec(
                strange.target(),
                "stranger",
                strange.clientPort(),
                strange.peerPort(),
                temp.resolve("stranger"),
                temp.resolve("stranger.log"),
                strange.flags(),
                strange.environment()));
        try (AxolotlClient client = ProcessCluster.clientOf(cluster.awaitLeader(BOUND))) {
            stranger.start();
            Await.fact(
                    "the stranger's or a member's log to name the other cluster",
                    BOUND,
                    () -> (stranger.log()
                                    + cluster.others(victim).get(0).log()
                                    + cluster.others(victim).get(1).log())
                            .contains("belongs to cluster"));
            client.kv().put("beside-a-stranger", "ok").await();
            StatusResult after = cluster.status(cluster.awaitLeader(BOUND)).orElseThrow();
            assertThat(after.header().memberId())
                    .as("leader")
                    .isEqualTo(before.header().memberId());
            assertThat(after.raftTerm()).as("term").isEqualTo(before.raftTerm());
        } finally {
            stranger.kill();
        }
    }

    @Test
    @DisplayName("contract C: a request over 1.5 MiB is refused with etcd's text, by every member")
    void requestOverTheLimitIsRefused(ProcessCluster cluster) {
        Bytes tooLarge = Bytes.copyOf(new byte[(3 << 19) + 1]);
        Bytes justRight = Bytes.copyOf(new byte[(3 << 19) - 1024]);
        for (ServerProcess node : cluster.nodes()) {
            try (AxolotlClient client = ProcessCluster.clientOf(node)) {
                Outcome<PutResult> outcome =
                        client.kv().put(Bytes.of("large"), tooLarge).awaitOutcome();
                assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
                    assertThat(refused.reason().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(refused.reason().text()).isEqualTo("etcdserver: request is too large");
                });
                assertThat(client.kv().get("large").await().kvs()).isEmpty();
                client.kv().put(Bytes.of("large-enough"), justRight).await();
            }
        }
    }
}

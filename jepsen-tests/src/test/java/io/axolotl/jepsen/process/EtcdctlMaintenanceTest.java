package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.Bytes;
import io.axolotl.client.GetOptions;
import io.axolotl.client.KeyRange;
import io.axolotl.client.Outcome;
import io.axolotl.client.PutResult;
import io.axolotl.client.RefusedException;
import io.axolotl.client.StatusResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operators do with Debian's etcdctl: alarms, hashes, defragmentation, and history that is compacted by itself. With
 * {@code -Daxolotl.target=etcd} the same sentences hold for etcd itself.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class EtcdctlMaintenanceTest {
    private static final long QUOTA_BYTES = 16 << 20;

    @TempDir
    private Path temp;

    @BeforeEach
    void needsEtcdctl() {
        assumeTrue(Target.onPath("etcdctl"), "etcdctl is not installed (Debian: apt-get install etcd-client)");
    }

    /** What a command printed. */
    private record Output(int exitCode, String out, String err) {}

    private static Output run(String endpoints, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoints, "--command-timeout=30s"));
        Collections.addAll(command, words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("ETCDCTL_API", "3");
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Output(process.waitFor(), out, err);
    }

    private static String etcdctl(ProcessCluster cluster, String... words) throws IOException, InterruptedException {
        Output output = run(cluster.endpointsFlag(), words);
        assertThat(output.exitCode)
                .as("etcdctl %s: %s", List.of(words), output.err)
                .isZero();
        return output.out;
    }

    private static ProcessCluster start(ProcessCluster cluster) {
        cluster.start(SharedCluster.BOUND);
        return cluster;
    }

    private static List<String> hashes(ProcessCluster cluster, String... flags)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("endpoint", "hashkv"));
        Collections.addAll(words, flags);
        return etcdctl(cluster, words.toArray(String[]::new))
                .lines()
                .map(line -> line.substring(line.indexOf(", ") + 2))
                .distinct()
                .toList();
    }

    @Test
    @DisplayName("MT-4: all members print one hash, and it is the one that etcd prints for the same history")
    void membersHashAlike() throws Exception {
        try (ProcessCluster cluster =
                start(ProcessCluster.of(Target.chosen()).root(temp.resolve("c")).build())) {
            etcdctl(cluster, "put", "a", "1");
            etcdctl(cluster, "put", "a", "2");
            etcdctl(cluster, "put", "b", "1");
            etcdctl(cluster, "del", "a");
            Await.fact("all to have applied", SharedCluster.BOUND, () -> allAt(cluster, 5));
            assertThat(hashes(cluster, "--rev=5")).containsExactly("475587494");
            etcdctl(cluster, "compaction", "5", "--physical");
            etcdctl(cluster, "put", "c", "1");
            Await.fact("all to have applied", SharedCluster.BOUND, () -> allAt(cluster, 6));
            assertThat(hashes(cluster, "--rev=6")).containsExactly("2470506820");
        }
    }

    private static boolean allAt(ProcessCluster cluster, long revision) {
        return cluster.nodes().stream()
                .allMatch(node -> cluster.status(node)
                        .filter(status -> status.header().revision() == revision)
                        .isPresent());
    }

    @Test
    @DisplayName(
            "QU-1, QU-2, MT-1, MT-3: a full store refuses puts until room was made and the alarm is disarmed; deletes,"
                    + " reads and compaction go on, and a restart forgets nothing")
    void aFullStoreIsBroughtBack() throws Exception {
        try (ProcessCluster cluster = start(ProcessCluster.of(Target.chosen())
                        .root(temp.resolve("c"))
                        .flag("quota-backend-bytes", Long.toString(QUOTA_BYTES))
                        .build());
                AxolotlClient client = cluster.client()) {
            assertThat(etcdctl(cluster, "alarm", "list")).isEmpty();
            fill(client);
            assertThat(etcdctl(cluster, "alarm", "list")).matches("(memberID:\\d+ alarm:NOSPACE \n)+");
            assertThat(etcdctl(cluster, "endpoint", "status")).contains(" alarm:NOSPACE ");

            cluster.nodes().forEach(ServerProcess::kill);
            cluster.nodes().forEach(ServerProcess::start);
            Await.fact(
                    "all to tell the alarm again, which is why none is healthy",
                    SharedCluster.BOUND,
                    () -> cluster.nodes().stream().allMatch(EtcdctlMaintenanceTest::isSickOfTheAlarm));
            Output refused = run(cluster.endpointsFlag(), "put", "k", "v");
            assertThat(refused.exitCode).isEqualTo(1);
            assertThat(refused.err).contains("etcdserver: mvcc: database space exceeded");
            assertThat(etcdctl(cluster, "get", "fill", "--prefix", "--limit=1", "--keys-only"))
                    .startsWith("fill");

            etcdctl(cluster, "del", "fill", "--prefix");
            long revision = client.kv().get("fill").await().header().revision();
            etcdctl(cluster, "compaction", Long.toString(revision), "--physical");
            assertThat(etcdctl(cluster, "defrag").lines())
                    .hasSize(3)
                    .allMatch(line -> line.startsWith("Finished defragmenting etcd member["));
            for (ServerProcess node : cluster.nodes()) {
                StatusResult status = cluster.status(node).orElseThrow();
                assertThat(status.dbSizeBytes()).as("%s", node).isLessThan(QUOTA_BYTES / 2);
            }
            assertThat(etcdctl(cluster, "alarm", "disarm")).matches("(memberID:\\d+ alarm:NOSPACE \n)+");
            assertThat(etcdctl(cluster, "alarm", "list")).isEmpty();
            assertThat(etcdctl(cluster, "put", "k", "v")).isEqualTo("OK\n");
            assertThat(hashes(cluster)).hasSize(1);
        }
    }

    private static boolean isSickOfTheAlarm(ServerProcess node) {
        return node.get("/health", Duration.ofSeconds(3)).isEmpty()
                && node.get("/health?exclude=NOSPACE", Duration.ofSeconds(3)).isPresent();
    }

    /** Puts what cannot be compressed until there is no room for more. */
    private static void fill(AxolotlClient client) {
        Random random = new Random(7);
        byte[] value = new byte[64 << 10];
        for (int i = 0; i < 4 * QUOTA_BYTES / value.length; i++) {
            random.nextBytes(value);
            Outcome<PutResult> outcome =
                    client.kv().put(Bytes.of("fill" + i), Bytes.copyOf(value)).awaitOutcome();
            if (outcome instanceof Outcome.Refused<PutResult> refused) {
                assertThat(refused.reason())
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("etcdserver: mvcc: database space exceeded");
                return;
            }
        }
        throw new AssertionError("four times the quota was taken");
    }

    @Test
    @DisplayName("contract D: with --auto-compaction-retention history goes by itself, on every member")
    void historyIsCompactedByItself() throws Exception {
        try (ProcessCluster cluster = start(ProcessCluster.of(Target.chosen())
                        .root(temp.resolve("c"))
                        .flag("auto-compaction-mode", "periodic")
                        .flag("auto-compaction-retention", "2s")
                        .build());
                AxolotlClient client = cluster.client()) {
            for (int i = 0; i < 10; i++) {
                client.kv().put("k", "v" + i).await();
            }
            Await.fact(
                    "revision 2 to be compacted on every member",
                    SharedCluster.BOUND,
                    () -> cluster.nodes().stream().allMatch(EtcdctlMaintenanceTest::hasForgottenRevisionTwo));
            assertThat(client.kv()
                            .get(KeyRange.single(Bytes.of("k")), GetOptions.DEFAULT)
                            .await()
                            .kvs())
                    .hasSize(1);
        }
    }

    private static boolean hasForgottenRevisionTwo(ServerProcess node) {
        try {
            return run(node.clientUrl(), "get", "k", "--rev=2", "--consistency=s")
                    .err
                    .contains("required revision has been compacted");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

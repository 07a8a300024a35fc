package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.GetResult;
import io.axolotl.client.HashKvResult;
import io.axolotl.client.KeyRange;
import io.axolotl.client.KeyValue;
import io.axolotl.client.MembersResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole cluster is saved, lost, and made anew from the one file. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SnapshotRestoreTest {
    private static final Set<String> RESTORE_FLAGS =
            Set.of("name", "data-dir", "initial-cluster", "initial-cluster-token", "initial-advertise-peer-urls");

    @TempDir
    private Path temp;

    @BeforeEach
    void isOurs() {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "the file is Axolotl's own");
    }

    private ProcessCluster cluster(String name, int size) {
        return ProcessCluster.of(Target.AXOLOTL)
                .size(size)
                .root(temp.resolve(name))
                .token(name)
                // A cluster that has just started takes a member at once.
                .flag("strict-reconfig-check", "false")
                .build();
    }

    private static void fill(AxolotlClient client) {
        for (int i = 0; i < 300; i++) {
            client.kv().put("k" + i % 100, "value " + i).await();
        }
        client.kv().delete("k7").await();
        client.kv().compact(150).await();
    }

    private static List<KeyValue> all(AxolotlClient client) {
        GetResult all = client.kv().get(KeyRange.prefix("k")).await();
        return all.kvs();
    }

    private static Command.Ended snapshot(String... words) {
        List<String> command = new ArrayList<>(ServerJvm.command("io.axolotl.server.SnapshotMain"));
        command.addAll(List.of(words));
        return Command.run(command, "");
    }

    /** Makes the folder of a node that was never started. */
    private static Command.Ended restore(Path saved, ServerProcess node, String... more) {
        List<String> words = new ArrayList<>(List.of("restore", saved.toString()));
        node.spec().flags().stream()
                .filter(flag -> RESTORE_FLAGS.contains(flag.substring(2, flag.indexOf('='))))
                .forEach(words::add);
        words.addAll(List.of(more));
        return snapshot(words.toArray(String[]::new));
    }

    private static void restoreAll(Path saved, ProcessCluster cluster, String... more) {
        for (ServerProcess node : cluster.nodes()) {
            Command.Ended done = restore(saved, node, more);
            assertThat(done.exitCode()).as(done.output()).isZero();
        }
    }

    private static List<HashKvResult> hashes(ProcessCluster cluster, AxolotlClient client) {
        return cluster.nodes().stream()
                .map(node -> client.maintenance().hashKv(node.clientUrl(), 0).await())
                .toList();
    }

    @Test
    @DisplayName(
            "MT-5: what etcdctl saves of a member becomes a new cluster with every key and all history; it is another"
                    + " cluster, takes writes, and brings up members that join")
    void aClusterIsRestored() throws Exception {
        assumeTrue(Target.onPath("etcdctl"), "etcdctl is not installed (Debian: apt-get install etcd-client)");
        Path saved = temp.resolve("saved");
        List<KeyValue> before;
        HashKvResult hash;
        try (ProcessCluster lost = cluster("lost", 3);
                AxolotlClient client = lost.client()) {
            lost.start(SharedCluster.BOUND);
            fill(client);
            ServerProcess member = lost.aFollower();
            Await.fact(
                    "it to have applied everything",
                    SharedCluster.BOUND,
                    () -> lost.status(member)
                            .filter(status -> status.header().revision() == 302)
                            .isPresent());
            Command.require(
                    List.of(
                            "env",
                            "ETCDCTL_API=3",
                            "etcdctl",
                            "--endpoints=" + member.clientUrl(),
                            "snapshot",
                            "save",
                            saved.toString()),
                    "");
            before = all(client);
            hash = client.maintenance().hashKv(member.clientUrl(), 0).await();
        }
        assertThat(Files.size(saved) % 512).isEqualTo(32);
        assertThat(snapshot("status", saved.toString(), "-w", "json").output()).contains("\"revision\":302,");

        try (ProcessCluster found = cluster("found", 3);
                AxolotlClient client = found.client()) {
            restoreAll(saved, found);
            found.start(SharedCluster.BOUND);
            assertThat(all(client)).hasSize(99).isEqualTo(before);
            assertThat(hashes(found, client))
                    .allSatisfy(each -> assertThat(each.hash()).isEqualTo(hash.hash()));
            MembersResult members = client.cluster().members().await();
            assertThat(members.header().clusterId()).isNotEqualTo(hash.header().clusterId());
            assertThat(members.members()).hasSize(3);
            assertThat(client.kv().put("new", "v").await().header().revision()).isEqualTo(303);

            ServerProcess fourth = found.join(found.nodes());
            client.cluster().memberAdd(List.of(fourth.spec().peerUrl())).await();
            fourth.startAndAwaitHealthy(SharedCluster.BOUND);
            try (AxolotlClient newcomer = ProcessCluster.clientOf(fourth)) {
                assertThat(all(newcomer)).isEqualTo(before);
            }
            found.nodes().forEach(ServerProcess::kill);
            found.start(SharedCluster.BOUND);
            assertThat(all(client)).as("after another start").isEqualTo(before);
            assertThat(hashes(found, client).stream().map(HashKvResult::hash).distinct())
                    .hasSize(1);
        }
    }

    @Test
    @DisplayName(
            "with a bump nothing that clients remember comes again: revisions go on above, and older history is compacted")
    void revisionsAreBumped() throws Exception {
        Path saved = temp.resolve("saved");
        try (ProcessCluster lost = cluster("lost", 1);
                AxolotlClient client = lost.client()) {
            lost.start(SharedCluster.BOUND);
            fill(client);
            client.maintenance()
                    .saveSnapshot(lost.awaitLeader(SharedCluster.BOUND).clientUrl(), saved);
        }
        try (ProcessCluster found = cluster("found", 3);
                AxolotlClient client = found.client()) {
            restoreAll(saved, found, "--bump-revision=1000000", "--mark-compacted");
            found.start(SharedCluster.BOUND);
            assertThat(all(client)).hasSize(99);
            assertThat(client.kv().put("new", "v").await().header().revision()).isEqualTo(1_000_303);
            assertThat(hashes(found, client))
                    .allSatisfy(each -> assertThat(each.compactRevision()).isEqualTo(1_000_302));
        }
    }

    @Test
    @DisplayName(
            "MT-5, D11: a damaged file is refused by name, an existing folder is left alone, and neither leaves anything"
                    + " that could be started")
    void whatIsDoubtfulIsRefused() throws IOException {
        Path saved = temp.resolve("saved");
        try (ProcessCluster lost = cluster("lost", 1);
                AxolotlClient client = lost.client()) {
            lost.start(SharedCluster.BOUND);
            client.kv().put("k1", "v").await();
            client.maintenance().saveSnapshot(lost.nodes().get(0).clientUrl(), saved);
            Command.Ended overwriting = restore(saved, lost.nodes().get(0));
            assertThat(overwriting.exitCode()).isEqualTo(1);
            assertThat(overwriting.output()).contains("exists; nothing is ever overwritten");
        }
        byte[] bytes = Files.readAllBytes(saved);
        bytes[bytes.length / 2] ^= 1;
        Files.write(saved, bytes);
        Command.Ended status = snapshot("status", saved.toString());
        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.output()).contains(saved + " is damaged");
        try (ProcessCluster found = cluster("found", 1)) {
            ServerProcess node = found.nodes().get(0);
            Command.Ended refused = restore(saved, node);
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.output()).contains(saved + " is damaged").contains("Take another copy");
            assertThat(node.spec().dataFolder()).doesNotExist();
        }
        Map<String, String> answers = Map.of("--bump-revision=5", "--mark-compacted required if --bump-revision > 0");
        assertThat(answers.entrySet().stream()
                        .map(each -> snapshot("restore", saved.toString(), each.getKey())
                                .output()
                                .contains(each.getValue()))
                        .collect(Collectors.toSet()))
                .containsExactly(true);
    }
}

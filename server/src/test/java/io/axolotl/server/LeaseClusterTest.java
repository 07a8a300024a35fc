package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.get;
import static io.axolotl.server.TestCluster.readLocally;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.storage.command.Command;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases on three whole nodes: questions travel, time is the leader's, and a new leader goes on. */
class LeaseClusterTest {
    @TempDir
    Path folder;

    private static void propose(Node node, Command command) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(command, answer::complete);
        assertThat(get(answer)).isInstanceOf(ProposalResult.Done.class);
    }

    private static void put(Node node, String key, long lease) {
        propose(
                node,
                new Command.Put(key.getBytes(StandardCharsets.UTF_8), new byte[] {'v'}, lease, false, false, false));
    }

    private static @Nullable LeaseAnswer ask(Node node, long id, boolean isRenewal) {
        CompletableFuture<Optional<LeaseAnswer>> said = new CompletableFuture<>();
        node.askLease(
                new LeaseQuestion(id, isRenewal), (failure, answer) -> said.complete(Optional.ofNullable(answer)));
        return get(said).orElse(null);
    }

    @Test
    @DisplayName("G-7, LE-2, LE-4: every member renews a lease and tells what is left of it")
    void everyMemberServesLeases() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            propose(cluster.follower(), new Command.GrantLease(7, 60));
            for (Node node : cluster.nodes()) {
                assertThat(ask(node, 7, true)).isEqualTo(new LeaseAnswer.Alive(60, 60));
                assertThat(ask(node, 7, false)).isInstanceOf(LeaseAnswer.Alive.class);
                assertThat(ask(node, 8, true)).isEqualTo(new LeaseAnswer.Gone());
            }
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("LE-6, I7: a lease that runs out takes its key along on every member, and none differs")
    void leasesEndEverywhere() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            propose(leader, new Command.GrantLease(7, leader.shortestLeaseSeconds()));
            put(cluster.follower(), "k", 7);
            assertThat(leader.shortestLeaseSeconds()).isEqualTo(1);
            await().atMost(PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .allMatch(node -> readLocally(node, "k") == null
                                    && node.store().leases().size() == 0));
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("C8, LE-7: a lease outlives its leader and the whole cluster, and is renewed by whoever leads next")
    void leasesOutliveTheLeader() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            propose(leader, new Command.GrantLease(7, 60));
            put(leader, "k", 7);
            cluster.abort(leader);
            for (Node node : cluster.nodes()) {
                assertThat(ask(node, 7, true)).isEqualTo(new LeaseAnswer.Alive(60, 60));
            }
            cluster.nodes().forEach(cluster::abort);
            cluster.startAll();
            cluster.leader();
            for (Node node : cluster.nodes()) {
                assertThat(ask(node, 7, true)).isEqualTo(new LeaseAnswer.Alive(60, 60));
                assertThat(TestCluster.read(node, "k")).isEqualTo("v");
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }
}

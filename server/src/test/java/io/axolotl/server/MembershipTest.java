package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.get;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.peer.Handshake;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members come and go on whole nodes, over loopback, real files and RocksDB. */
class MembershipTest {
    @TempDir
    Path folder;

    /** Applies a change through any member, and waits until it is recorded. */
    private static void mustChange(Node node, Command command) {
        CompletableFuture<ProposalResult> answer = new CompletableFuture<>();
        node.propose(command, answer::complete);
        assertThat(get(answer))
                .isInstanceOfSatisfying(
                        ProposalResult.Done.class,
                        done -> assertThat(done.result()).isInstanceOf(CommandResult.MemberRecorded.class));
    }

    /** Adds a member for the node that is to be called {@code name}, starts it, and waits until it takes part. */
    private static Node add(TestCluster cluster, Node through, long name, boolean isLearner) {
        NodeConfig config = cluster.joiner(name);
        long id = 0x100 + name;
        mustChange(through, new Command.AddMember(id, config.peerUrls(), isLearner, false, 8));
        Node joined = cluster.start(config);
        assertThat(joined.self()).isEqualTo(new NodeId(id));
        await().atMost(PATIENCE)
                .until(() -> joined.store().roster().isSettled()
                        && joined.store().membership().contains(joined.self()));
        return joined;
    }

    @Test
    @DisplayName("CL-1, CL-3: a learner is added, catches up, is promoted, and is removed; its id never comes back")
    void aMemberComesAndGoes() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "before", "1");
            Node learner = add(cluster, cluster.follower(), 4, true);
            assertThat(learner.store().membership().isLearner(learner.self())).isTrue();
            mustPut(cluster.leader(), "k", "v");
            cluster.awaitEqualStates();

            mustChange(
                    cluster.follower(), new Command.PromoteMember(learner.self().value()));
            await().atMost(PATIENCE)
                    .until(() -> learner.store().membership().voters().contains(learner.self()));
            assertThat(read(learner, "before")).isEqualTo("1");
            assertThat(read(learner, "k")).isEqualTo("v");
            await().atMost(PATIENCE)
                    .until(() -> learner.store()
                            .roster()
                            .find(learner.self())
                            .orElseThrow()
                            .isStarted());

            mustChange(cluster.leader(), new Command.RemoveMember(learner.self().value()));
            assertThat(get(learner.removal())).isEqualTo(Handshake.REMOVED);
            cluster.stop(learner);
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().store().membership().voters().size() == 3);
            mustPut(cluster.leader(), "after", "1");
            CompletableFuture<ProposalResult> again = new CompletableFuture<>();
            cluster.leader()
                    .propose(
                            new Command.AddMember(
                                    learner.self().value(), List.of("http://127.0.0.1:1"), true, false, 8),
                            again::complete);
            assertThat(get(again))
                    .isInstanceOfSatisfying(
                            ProposalResult.Done.class,
                            done -> assertThat(done.result()).isInstanceOf(CommandResult.Refused.class));
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "3 -> 5 -> 3 with the founders leaving one by one, the leader among them; nothing acknowledged is lost")
    void threeFiveThree() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            mustPut(cluster.leader(), "k0", "v");
            Node fourth = add(cluster, cluster.leader(), 4, false);
            Node fifth = add(cluster, cluster.leader(), 5, false);
            mustPut(fourth, "k1", "v");
            for (long founder = 1; founder <= 2; founder++) {
                Node gone = cluster.node(founder);
                mustChange(cluster.leader(), new Command.RemoveMember(founder));
                assertThat(get(gone.removal())).isEqualTo(Handshake.REMOVED);
                cluster.stop(gone);
                mustPut(cluster.leader(), "without" + founder, "v");
            }
            await().atMost(PATIENCE)
                    .until(() -> cluster.leader().store().membership().voters().size() == 3);
            for (String key : List.of("k0", "k1", "without1", "without2")) {
                assertThat(read(fifth, key)).isEqualTo("v");
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }
}

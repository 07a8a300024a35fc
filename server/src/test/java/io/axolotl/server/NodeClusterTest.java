package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.get;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.put;
import static io.axolotl.server.TestCluster.read;
import static io.axolotl.server.TestCluster.readLocally;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three whole nodes over loopback, real files and RocksDB: what only shows when all threads and processes' edges meet. */
class NodeClusterTest {
    @TempDir
    Path folder;

    @Test
    @DisplayName("D5, D7: any member takes writes and linearizable reads")
    void everyMemberTakesWritesAndReads() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            cluster.leader();
            for (Node writer : cluster.nodes()) {
                String key = "by-" + writer.self();
                mustPut(writer, key, "v" + writer.self());
                for (Node reader : cluster.nodes()) {
                    assertThat(read(reader, key)).isEqualTo("v" + writer.self());
                }
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("CL-5: members tell their names and client URLs through the log")
    void membersPublishThemselves() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node any = cluster.leader();
            await().atMost(PATIENCE).until(() -> any.store().members().stream()
                    .allMatch(member -> member.name().equals("n" + member.id())
                            && !member.clientUrls().isEmpty()));
        }
    }

    @Test
    @DisplayName("what was acknowledged survives the leader's death, and the dead one catches up by replay")
    void acknowledgedWritesSurviveTheLeader() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            for (int i = 0; i < 200; i++) {
                mustPut(leader, "k" + i, "before");
            }
            cluster.abort(leader);
            Node next = cluster.leader();
            assertThat(read(next, "k199")).isEqualTo("before");
            for (int i = 0; i < 200; i++) {
                mustPut(next, "k" + i, "after");
            }
            Node back = cluster.start(leader.self().value());
            assertThat(read(back, "k0")).isEqualTo("after");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> back.recovery().catchUp() != null);
            assertThat(back.recovery().entriesToReplay()).isGreaterThanOrEqualTo(200);
        }
    }

    @Test
    @DisplayName("the whole cluster killed at once comes back with every acknowledged write")
    void acknowledgedWritesSurviveTheDeathOfAll() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            List<CompletableFuture<ProposalResult>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(put(leader, "k" + i, "v" + i));
            }
            answers.forEach(answer -> assertThat(get(answer)).isInstanceOf(ProposalResult.Done.class));
            cluster.nodes().forEach(cluster::abort);
            cluster.startAll();
            Node reader = cluster.follower();
            for (int i = 0; i < 500; i += 50) {
                assertThat(read(reader, "k" + i)).isEqualTo("v" + i);
            }
            cluster.awaitEqualStates();
        }
    }

    @Test
    @DisplayName("pitfalls 40, 43, 46: a follower that missed what the log has let go of gets a snapshot")
    void followerBeyondTheLogGetsASnapshot() {
        try (TestCluster cluster =
                new TestCluster(folder, 3, Tuning.defaults().withSnapshots(100, 10)).startAll()) {
            Node down = cluster.follower();
            cluster.abort(down);
            Node leader = cluster.leader();
            for (int i = 0; i < 1_000; i++) {
                put(leader, "k" + i, "x".repeat(4_000));
            }
            mustPut(leader, "last", "one");
            await().atMost(PATIENCE)
                    .until(() -> leader.view().firstLog().index() > 500);
            Node back = cluster.start(down.self().value());
            assertThat(read(back, "last")).isEqualTo("one");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> back.recovery().catchUp() != null);
            assertThat(back.recovery().catchUp().snapshot()).isNotNull();
            // And it goes on as any other: also over another start.
            mustPut(back, "after", "install");
            cluster.abort(back);
            Node again = cluster.start(down.self().value());
            assertThat(read(again, "after")).isEqualTo("install");
            cluster.awaitEqualStates();
        }
    }

    @Test
    @DisplayName("a graceful stop hands leadership over and keeps the state")
    void stopHandsLeadershipOver() {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            Node leader = cluster.leader();
            mustPut(leader, "k", "v");
            long term = leader.view().term();
            cluster.stop(leader);
            assertThat(cluster.nodes()).allMatch(node -> node.view().term() == term + 1);
            Node back = cluster.start(leader.self().value());
            // Only what the new leader had just begun is above the state: no write of a client has to be applied again.
            assertThat(back.recovery().entriesToReplay()).isLessThan(5);
            assertThat(readLocally(back, "k")).isEqualTo("v");
        }
    }
}

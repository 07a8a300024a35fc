package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.raft.Availability;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.Tuning;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes over real connections and files: how leadership moves when a leader ends, or its disk does not answer. */
class AvailabilityTest {
    private static final long MILLI = 1_000_000L;

    @TempDir
    Path folder;

    /** Elections by silence take so long here that only other ways can be quick. */
    private static final RaftConfig PATIENT = RaftConfig.defaults().withTimeouts(100 * MILLI, 4_000 * MILLI);

    private static NodeConfig with(NodeConfig c, RaftConfig raft, Tuning tuning) {
        return new NodeConfig(
                c.name(),
                c.peerUrls(),
                c.clientUrls(),
                c.origin(),
                c.dataDir(),
                c.listenPeers(),
                raft,
                tuning,
                c.wal(),
                c.snapshotBytesPerSecond(),
                c.surroundings());
    }

    private TestCluster start(RaftConfig raft) {
        TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults());
        for (long id = 1; id <= 3; id++) {
            start(cluster, id, raft);
        }
        return cluster;
    }

    private static void start(TestCluster cluster, long id, RaftConfig raft) {
        NodeConfig config = cluster.config(new NodeId(id), 77, new RealDisk(new DiskMonitor()), null);
        cluster.start(with(config, raft, Tuning.defaults()));
    }

    @Test
    @DisplayName("P1, N19: connections that are reset and refused replace a leader long before its silence would")
    void anEndedLeaderIsReplacedBeforeItsSilence() {
        try (TestCluster cluster = start(PATIENT)) {
            Node leader = cluster.leader();
            mustPut(leader, "k", "v");
            long startNanos = System.nanoTime();
            cluster.abort(leader);
            await().atMost(PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .anyMatch(node -> node.view().isLeader()));
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos))
                    .as("by silence it takes at least 4000 ms")
                    .isLessThan(3_900);
            assertThat(read(cluster.leader(), "k")).isEqualTo("v");
        }
    }

    @Test
    @DisplayName("a follower that ends changes nothing about who leads")
    void anEndedFollowerUnseatsNobody() {
        try (TestCluster cluster = start(TestCluster.raft())) {
            Node leader = cluster.leader();
            long term = leader.view().term();
            cluster.abort(cluster.follower());
            for (int i = 0; i < 50; i++) {
                mustPut(leader, "k" + i, "v");
            }
            assertThat(leader.view().isLeader()).isTrue();
            assertThat(leader.view().term()).isEqualTo(term);
        }
    }

    @Test
    @DisplayName(
            "--priority: the member with the highest leads when it is well, and again when it is back and has caught up")
    void theMostWillingLeads() {
        RaftConfig willing = TestCluster.raft();
        RaftConfig reluctant = willing.withAvailability(Availability.standard().withReluctance(60));
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults())) {
            start(cluster, 1, reluctant);
            start(cluster, 2, willing);
            start(cluster, 3, reluctant);
            await().atMost(PATIENCE).until(() -> cluster.node(2).view().isLeader());
            mustPut(cluster.leader(), "k", "v");
            cluster.abort(cluster.node(2));
            await().atMost(PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .anyMatch(node -> node.view().isLeader()));
            mustPut(cluster.leader(), "k", "while it was away");
            start(cluster, 2, willing);
            await().atMost(PATIENCE).until(() -> cluster.node(2).view().isLeader());
            assertThat(read(cluster.node(2), "k")).isEqualTo("while it was away");
        }
    }

    @Test
    @DisplayName("10 ms heartbeats and 100 ms elections are taken and work")
    void shortTimeoutsWork() {
        try (TestCluster cluster = start(RaftConfig.defaults().withTimeouts(10 * MILLI, 100 * MILLI))) {
            for (int i = 0; i < 20; i++) {
                mustPut(cluster.leader(), "k" + i, "v");
            }
            assertThat(read(cluster.follower(), "k19")).isEqualTo("v");
        }
    }

    @Test
    @DisplayName(
            "pitfall 25: a leader whose log hangs falls silent within 2 s and is replaced while it still hangs, and ends when it goes on")
    void aHangingLeaderIsReplacedAndEnds() {
        Map<NodeId, GatedDisk> disks = new TreeMap<>();
        Tuning tuning = Tuning.defaults().withDiskHang(6_000 * MILLI);
        try (TestCluster cluster = new TestCluster(folder, 3, tuning)) {
            for (long id = 1; id <= 3; id++) {
                GatedDisk disk = new GatedDisk();
                disks.put(new NodeId(id), disk);
                cluster.start(cluster.config(new NodeId(id), 77, disk.disk(), null));
            }
            Node hanging = cluster.leader();
            mustPut(hanging, "before", "v");
            GatedDisk disk = Objects.requireNonNull(disks.get(hanging.self()));
            CompletableFuture<ProposalResult> during;
            try {
                disk.gate((operation, path) ->
                        operation.equals("file sync") && path.toString().contains("wal"));
                during = TestCluster.put(hanging, "while", "v");
                await().atMost(PATIENCE).until(disk::isHolding);
                await().atMost(PATIENCE)
                        .until(() -> cluster.nodes().stream()
                                .anyMatch(node -> node != hanging && node.view().isLeader()));
                // Silent after 2 s, an election after one more at the latest; it would end after 6 s, which would end
                // its
                // silence too.
                assertThat(cluster.deaths).as("ends before it is replaced").isEmpty();
                Node next = cluster.nodes().stream()
                        .filter(node -> node != hanging && node.view().isLeader())
                        .findFirst()
                        .orElseThrow();
                mustPut(next, "after", "v");
                await().atMost(PATIENCE).until(() -> cluster.deaths.stream().anyMatch(death -> death.contains("hung")));
            } finally {
                disk.release();
            }
            cluster.forget(hanging);
            assertThat(TestCluster.get(during))
                    .as("a node that ends in the middle cannot know")
                    .isNotInstanceOf(ProposalResult.Refused.class);
            assertThat(read(cluster.leader(), "before")).isEqualTo("v");
            assertThat(read(cluster.leader(), "after")).isEqualTo("v");
        }
    }
}

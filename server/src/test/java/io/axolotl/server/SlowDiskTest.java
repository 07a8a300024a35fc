package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.mustPut;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Tuning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes, of which one waits for its disk while something else has to go on. */
class SlowDiskTest {
    private static final Tuning MANY_SNAPSHOTS = Tuning.defaults().withSnapshots(50, 5);

    @TempDir
    Path folder;

    private final Map<NodeId, GatedDisk> disks = new TreeMap<>();

    private Node start(TestCluster cluster, long id) {
        GatedDisk disk = new GatedDisk();
        disks.put(new NodeId(id), disk);
        return cluster.start(cluster.config(new NodeId(id), 77, disk.disk(), null));
    }

    private static boolean isPeerThread() {
        return Thread.currentThread().getName().startsWith("axolotl-peer-");
    }

    /** Leaves a member behind what the others' logs still have. @return which one, not running */
    private static NodeId leaveOneBehind(TestCluster cluster) {
        Node down = cluster.follower();
        cluster.abort(down);
        Node leader = cluster.leader();
        for (int i = 0; i < 300; i++) {
            mustPut(leader, "k" + i, "x".repeat(100));
        }
        await().atMost(PATIENCE).until(() -> leader.view().firstLog().index() > 100);
        return down.self();
    }

    @Test
    @DisplayName("a graceful stop in the middle of sending a snapshot is no failure of the disk")
    void stoppingWhileASnapshotIsSentIsNoFailure() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, MANY_SNAPSHOTS)) {
            for (long id = 1; id <= 3; id++) {
                start(cluster, id);
            }
            NodeId behind = leaveOneBehind(cluster);
            Node sender = cluster.leader();
            GatedDisk disk = Objects.requireNonNull(disks.get(sender.self()));
            disk.gate((operation, path) ->
                    operation.equals("file read") && path.toString().contains("snapshots") && isPeerThread());
            start(cluster, behind.value());
            await().atMost(PATIENCE).until(disk::isHolding);

            cluster.stop(sender);
            disk.releaseAndJoin();

            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("a graceful stop in the middle of receiving a snapshot is no failure of the disk")
    void stoppingWhileASnapshotIsReceivedIsNoFailure() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, MANY_SNAPSHOTS)) {
            for (long id = 1; id <= 3; id++) {
                start(cluster, id);
            }
            NodeId behind = leaveOneBehind(cluster);
            GatedDisk disk = new GatedDisk();
            disk.gate((operation, path) ->
                    operation.equals("file write") && path.toString().contains("snapshots") && isPeerThread());
            Node receiver = cluster.start(cluster.config(behind, 77, disk.disk(), null));
            await().atMost(PATIENCE).until(disk::isHolding);

            cluster.stop(receiver);
            disk.releaseAndJoin();

            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("the log's next file is made ready beside a snapshot that takes long, not by the log writer")
    void logFilesAreMadeBesideASlowSnapshot() {
        List<String> makers = new CopyOnWriteArrayList<>();
        GatedDisk disk = new GatedDisk();
        disk.gate((operation, path) -> {
            String thread = Thread.currentThread().getName();
            if (operation.equals("rename") && path.toString().contains("wal")) {
                makers.add(thread);
            }
            return thread.contains("-worker-") && path.toString().contains("snapshots");
        });
        try (TestCluster cluster = new TestCluster(folder, 1, MANY_SNAPSHOTS)) {
            Node node = cluster.start(cluster.config(new NodeId(1), 77, disk.disk(), null));
            for (int i = 0; i < 60; i++) {
                mustPut(node, "k", "v");
            }
            await().atMost(PATIENCE).until(disk::isHolding);
            // Two of these do not fit into one file.
            for (int i = 0; i < 5; i++) {
                int made = makers.size();
                mustPut(node, "k", "x".repeat(700_000));
                if (i > 0) {
                    await().atMost(PATIENCE).until(() -> makers.size() > made);
                }
            }
            assertThat(makers).hasSizeGreaterThanOrEqualTo(4).allMatch(thread -> !thread.endsWith("-log"));
            disk.release();
        } finally {
            disk.release();
        }
    }
}

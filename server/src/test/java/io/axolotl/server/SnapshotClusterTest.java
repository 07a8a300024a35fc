package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.read;
import static io.axolotl.server.TestCluster.readLocally;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.Tuning;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole nodes, real files and RocksDB: snapshots that have rotted, and what a node does while it installs one. */
class SnapshotClusterTest {
    private static final Tuning MANY_SNAPSHOTS = Tuning.defaults().withSnapshots(50, 5);

    @TempDir
    Path folder;

    private static void leaveBehindTheLog(Node leader) {
        leaveBehindTheLog(leader, 100);
    }

    private static void leaveBehindTheLog(Node leader, int valueBytes) {
        Random random = new Random(3);
        long first = leader.view().firstLog().index();
        for (int i = 0; i < 300; i++) {
            mustPut(leader, "k" + i, incompressible(random, valueBytes));
        }
        await().atMost(PATIENCE).until(() -> leader.view().firstLog().index() > first + 100);
    }

    private static String incompressible(Random random, int bytes) {
        StringBuilder text = new StringBuilder();
        random.ints(bytes, '!', '~').forEach(letter -> text.append((char) letter));
        return text.toString();
    }

    /** The one file of the newest snapshot that is a copy, not a link: the database itself stays sound. */
    private Optional<Path> copiedFile(Node node) throws IOException {
        Path snapshots = folder.resolve("node" + node.self()).resolve("member").resolve("snapshots");
        try (Stream<Path> all = Files.list(snapshots)) {
            List<Path> whole = all.filter(path -> Files.exists(path.resolve("manifest")))
                    .sorted()
                    .toList();
            if (whole.isEmpty()) {
                return Optional.empty();
            }
            try (Stream<Path> files = Files.list(whole.get(whole.size() - 1).resolve("db"))) {
                return files.filter(path -> path.getFileName().toString().startsWith("MANIFEST"))
                        .findFirst();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("D13, pitfall 44: a leader whose snapshot has rotted or is too short makes another, and stays up")
    void aLeaderWithARottenSnapshotMakesAnother(boolean isShort) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, MANY_SNAPSHOTS).startAll()) {
            Node down = cluster.follower();
            cluster.abort(down);
            Node leader = cluster.leader();
            leaveBehindTheLog(leader);
            mustPut(leader, "last", "one");
            Path file = await().atMost(PATIENCE)
                    .until(() -> copiedFile(leader), Optional::isPresent)
                    .orElseThrow();
            byte[] content = Files.readAllBytes(file);
            content[content.length / 2] ^= 1;
            Files.write(file, isShort ? Arrays.copyOf(content, content.length / 2) : content);

            Node back = cluster.start(down.self().value());
            assertThat(read(back, "last")).isEqualTo("one");
            cluster.awaitEqualStates();
            await().atMost(PATIENCE).until(() -> back.recovery().catchUp() != null);
            assertThat(back.recovery().catchUp())
                    .satisfies(catchUp -> assertThat(catchUp.snapshot()).isNotNull());
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName(
            "pitfall 43: while a member installs a snapshot it serves reads of its old state, and the others go on")
    void aMemberServesItsOldStateUntilTheSwap() {
        GatedDisk disk = new GatedDisk();
        try (TestCluster cluster = new TestCluster(folder, 3, MANY_SNAPSHOTS).startAll()) {
            Node leader = cluster.leader();
            mustPut(leader, "before", "one");
            Node away = cluster.follower();
            assertThat(read(away, "before")).isEqualTo("one");
            NodeId id = away.self();
            cluster.stop(away);
            leaveBehindTheLog(leader);
            mustPut(leader, "after", "two");
            disk.gate((operation, path) -> operation.equals("replace")
                    && path.endsWith(Path.of("db", "CURRENT"))
                    && Thread.currentThread().getName().contains("-apply"));
            Node back = cluster.start(cluster.config(id, 77, disk.disk(), null));
            await().atMost(PATIENCE).until(disk::isHolding);

            assertThat(readLocally(back, "before")).isEqualTo("one");
            assertThat(readLocally(back, "after")).isNull();
            mustPut(leader, "meanwhile", "three");
            assertThat(readLocally(back, "before")).isEqualTo("one");
            assertThat(back.view().leader()).isEqualTo(leader.self());

            disk.release();
            assertThat(read(back, "after")).isEqualTo("two");
            assertThat(read(back, "meanwhile")).isEqualTo("three");
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        } finally {
            disk.release();
        }
    }

    @Test
    @DisplayName(
            "pitfalls 43, 44: while a leader sends snapshots to two followers at once, all others write and read on, the two"
                    + " serve what they had, and then both install what they are sent")
    void serviceGoesOnWhileTwoAreSentSnapshots() {
        List<GatedDisk> disks = List.of(new GatedDisk(), new GatedDisk());
        try (TestCluster cluster = new TestCluster(folder, 5, MANY_SNAPSHOTS).startAll()) {
            Node leader = cluster.leader();
            mustPut(leader, "before", "one");
            List<NodeId> away = cluster.nodes().stream()
                    .filter(node -> node != leader)
                    .map(Node::self)
                    .limit(2)
                    .toList();
            for (NodeId id : away) {
                assertThat(read(cluster.node(id.value()), "before")).isEqualTo("one");
                cluster.stop(cluster.node(id.value()));
            }
            leaveBehindTheLog(leader, 10_000);
            Node near = cluster.follower();

            disks.forEach(disk -> disk.gate((operation, path) ->
                    operation.equals("file write") && path.toString().contains(".receiving")));
            List<Node> behind = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                behind.add(cluster.start(
                        cluster.config(away.get(i), 77, disks.get(i).disk(), null)));
            }
            await().atMost(PATIENCE).until(() -> disks.stream().allMatch(GatedDisk::isHolding));
            // Each sees what the other one wrote. New snapshots are made meanwhile, and one is offered to who is
            // behind.
            for (int i = 0; i < 200; i++) {
                String key = "meanwhile" + i;
                Node writes = i % 2 == 0 ? leader : near;
                Node reads = i % 2 == 0 ? near : leader;
                await().atMost(PATIENCE).pollDelay(Duration.ZERO).untilAsserted(() -> {
                    mustPut(writes, key, "two");
                    assertThat(read(reads, key)).isEqualTo("two");
                });
            }
            for (Node node : behind) {
                assertThat(readLocally(node, "before")).isEqualTo("one");
                assertThat(readLocally(node, "meanwhile0")).isNull();
            }

            disks.forEach(GatedDisk::release);
            for (Node node : behind) {
                assertThat(read(node, "meanwhile199")).isEqualTo("two");
                await().atMost(PATIENCE).until(() -> node.recovery().catchUp() != null);
                assertThat(node.recovery().catchUp())
                        .satisfies(catchUp -> assertThat(catchUp.snapshot()).isNotNull());
            }
            cluster.awaitEqualStates();
            assertThat(cluster.deaths).isEmpty();
        } finally {
            disks.forEach(GatedDisk::release);
        }
    }
}

package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.workload.StateDigest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes of a stopped member's files are changed; it comes back, equal to the others, and says what was repaired. */
@ExtendWith(SharedCluster.class)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class DamageRepairTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final int MAX_RESTARTS = 6;

    @BeforeEach
    void onlyForAxolotl() {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "others refuse, or do worse");
    }

    @Test
    @DisplayName("D11, D12, pitfall 56: a damaged record in the synced part of the log is made up for under load")
    void aDamagedRecordOfTheLogIsMadeUpFor(ProcessCluster cluster) throws IOException {
        try (AxolotlClient client = cluster.client();
                Load load = Load.on(cluster)) {
            load.awaitWrites(100);
            client.kv().put("damage-marker", "an acknowledged value").await();
            load.awaitWrites(100);
            ServerProcess victim = cluster.aFollower();
            cluster.awaitCaughtUp(victim, BOUND);
            victim.kill();
            Path folder = victim.spec().dataFolder();
            Damage damage = Damage.ofTheEntryThatHolds("damage-marker", folder);
            load.awaitWrites(100);
            victim.startAndAwaitHealthy(BOUND);
            Await.fact("the record of the recovery", BOUND, () -> victim.log().contains("repair the log"));
            assertThat(victim.log())
                    .contains(damage.file().getFileName().toString())
                    .containsPattern("at byte \\d+, from entry \\d+ on");
            load.awaitWrites(100);
            Path member = folder.resolve("member");
            Await.fact("the loss to be made up for", BOUND, () -> !Files.exists(member.resolve("loss")));
            Await.fact(
                    "the damaged files to be gone",
                    BOUND,
                    () -> names(member).stream().noneMatch(name -> name.contains("damaged")));
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("D14, D16, D32: files of the state and of the snapshot that shares them rot; the state is made anew")
    void rottenFilesOfTheStateAreMadeAnew(ProcessCluster cluster) throws IOException {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(SharedCluster.SNAPSHOT_COUNT + 500);
            ServerProcess victim = cluster.aFollower();
            cluster.awaitCaughtUp(victim, BOUND);
            assertThat(victim.stop(BOUND)).isZero();
            Path member = victim.spec().dataFolder().resolve("member");
            int rotten = 0;
            for (Path file : filesUnder(member.resolve("db"))) {
                if (file.toString().endsWith(".sst")) {
                    rot(file);
                    rotten++;
                }
            }
            assertThat(rotten).isPositive();
            load.awaitWrites(100);
            boolean isRebuilt = false;
            // A bad block shows when it is read: that ends the process, and a supervisor starts it again.
            for (int attempt = 0; attempt < MAX_RESTARTS && !isRebuilt; attempt++) {
                victim.start();
                Await.fact("healthy or ended", BOUND, () -> victim.isHealthy() || !victim.isAlive());
                isRebuilt = victim.log().contains("the state is damaged, it is made anew") && readsAll(victim);
                if (!isRebuilt && victim.isAlive() && readsAll(victim)) {
                    victim.kill();
                } else if (!isRebuilt) {
                    victim.awaitExit(BOUND);
                }
            }
            assertThat(isRebuilt).as(victim.log()).isTrue();
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }

    @Test
    @DisplayName("D13: a damaged snapshot is not used: a member that lost its state as well gets the others'")
    void aDamagedSnapshotIsNotUsed(ProcessCluster cluster) throws IOException {
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(SharedCluster.SNAPSHOT_COUNT + 500);
            ServerProcess victim = cluster.aFollower();
            cluster.awaitCaughtUp(victim, BOUND);
            victim.kill();
            Path member = victim.spec().dataFolder().resolve("member");
            for (Path file : filesUnder(member.resolve("snapshots"))) {
                if (file.toString().endsWith(".sst")) {
                    rot(file);
                }
            }
            ProcessCluster.delete(member.resolve("db"));
            victim.startAndAwaitHealthy(BOUND);
            assertThat(victim.log()).contains("a snapshot is not used");
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }

    /** Whether every value can be read, locally. */
    private static boolean readsAll(ServerProcess node) {
        try (AxolotlClient client = ProcessCluster.clientOf(node)) {
            long revision = client.kv().get("any").await().header().revision();
            return StateDigest.of(client, revision) != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static void rot(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        for (int at = content.length / 8; at < content.length / 2; at += 512) {
            content[at] ^= 0x10;
        }
        // In place, as rot is: a hard link of the file sees it too.
        Files.write(file, content);
    }

    /** Each file once, by whichever of its names: snapshots share files, and what rots twice may be whole again. */
    private static Collection<Path> filesUnder(Path folder) throws IOException {
        Map<Object, Path> files = new HashMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(Files.readAttributes(file, BasicFileAttributes.class).fileKey(), file);
            }
        }
        return files.values();
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> String.valueOf(path.getFileName())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Needs root for a file system of its own; skipped with a message where there is none. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FullDiskTest {
    private static final Duration BOUND = SharedCluster.BOUND;
    private static final int DISK_MEGABYTES = 512;

    @TempDir
    private Path temp;

    @Test
    @DisplayName(
            "D1: a node whose disk is full stops and says so, the others go on, nothing acknowledged is lost, and with"
                    + " space it comes back")
    void nodeWithAFullDiskStopsAndComesBack() throws IOException {
        assumeTrue(Target.chosen() == Target.AXOLOTL, "the message is Axolotl's own");
        try (SmallDisk disk = SmallDisk.mount(temp, DISK_MEGABYTES);
                ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL)
                        .root(temp.resolve("cluster"))
                        .dataFolder("n3", disk.folder().resolve("n3"))
                        .flag("snapshot-count", "500")
                        .flag("snapshot-catchup-entries", "500")
                        .build()) {
            cluster.start(BOUND);
            try {
                fillAndFree(disk, cluster);
            } finally {
                SharedCluster.keepLogs(cluster, "full-disk");
            }
        }
    }

    private static void fillAndFree(SmallDisk disk, ProcessCluster cluster) throws IOException {
        ServerProcess victim = cluster.node("n3");
        try (Load load = Load.on(cluster)) {
            load.awaitWrites(200);
            disk.fill();
            Await.fact("n3 to stop, its disk full", BOUND, () -> !victim.isAlive());
            assertThat(victim.exitCode().orElseThrow()).as(victim.log()).isNotZero();
            assertThat(victim.log()).containsPattern("(?i)no space|disk (is )?full|space left");
            load.awaitWrites(300);
            disk.free();
            victim.startAndAwaitHealthy(BOUND);
            load.awaitWrites(100);
            load.assertNothingLost();
        }
    }
}

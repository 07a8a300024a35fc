package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.mustPut;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.axolotl.server.driver.Tuning;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of nodes that have ended in a process that lives on. */
class ClosePathTest {
    @TempDir
    Path folder;

    private int lives;

    /** Of ours and of what works for us; timers are tasks of such a thread. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("axolotl"))
                .collect(Collectors.toSet());
    }

    private static long openFiles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private void liveAndEnd(boolean isStopped) {
        try (TestCluster cluster = new TestCluster(
                        folder.resolve("life" + ++lives), 3, Tuning.defaults().withSnapshots(20, 5))
                .startAll()) {
            Node leader = cluster.leader();
            for (int i = 0; i < 50; i++) {
                mustPut(leader, "k" + i, "v");
            }
            for (Node node : cluster.nodes()) {
                if (isStopped) {
                    cluster.stop(node);
                } else {
                    cluster.abort(node);
                }
            }
            assertThat(cluster.deaths).isEmpty();
        }
    }

    @Test
    @DisplayName("pitfall 64: nodes that were stopped or aborted leave no thread, and so no timer, and no open file")
    void endedNodesLeaveNothing() {
        Set<Thread> before = threads();
        // The first ones load native code and classes, whose files stay open.
        liveAndEnd(true);
        awaitOnly(before);
        long filesBefore = openFiles();
        for (boolean isStopped : List.of(true, false)) {
            liveAndEnd(isStopped);
            awaitOnly(before);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(openFiles())
                            .as("open files; each node has far more of them")
                            .isLessThanOrEqualTo(filesBefore + 2));
        }
    }

    private static void awaitOnly(Set<Thread> before) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Set<Thread> left = threads();
            left.removeAll(before);
            assertThat(left).as("threads of nodes that have ended").isEmpty();
        });
    }
}

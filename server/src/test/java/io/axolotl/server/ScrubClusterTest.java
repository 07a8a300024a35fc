package io.axolotl.server;

import static io.axolotl.server.TestCluster.PATIENCE;
import static io.axolotl.server.TestCluster.mustPut;
import static io.axolotl.server.TestCluster.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.server.driver.Tuning;
import io.axolotl.server.scrub.ScrubMetrics;
import io.axolotl.server.scrub.ScrubSettings;
import io.axolotl.server.scrub.Scrubber;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scrub over the files of nodes that serve meanwhile: real rot, found, and made up for by the next start. */
class ScrubClusterTest {
    private static final ScrubSettings WITHOUT_PAUSE = new ScrubSettings(1_000_000, 1L << 40);

    @TempDir
    Path folder;

    private final Queue<String> found = new ConcurrentLinkedQueue<>();

    private Scrubber scrub(Node node, MetricRegistry registry) {
        Scrubber scrubber = new Scrubber(
                WITHOUT_PAUSE,
                node.scrubbed(),
                node::isBusy,
                new ScrubMetrics(registry),
                (what, cause) -> found.add(what));
        scrubber.start("axolotl-test-scrub");
        return scrubber;
    }

    private List<Path> files(Node node, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("node" + node.self()))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        }
    }

    private static void rot(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int was = open.read();
            open.seek(at);
            open.write(was ^ 0x10);
        }
    }

    @Test
    @DisplayName(
            "D11, D14, O8: rot in log and state of members that serve is found by the scrub and gone after their restart")
    void rotUnderRunningNodesIsFoundAndMadeUpFor() throws IOException {
        try (TestCluster cluster = new TestCluster(folder, 3, Tuning.defaults()).startAll()) {
            // Two of these do not fit into one file of the log.
            for (int i = 0; i < 4; i++) {
                mustPut(cluster.leader(), "k" + i, "x".repeat(700_000));
            }
            cluster.awaitEqualStates();
            Node sound = cluster.leader();
            List<Node> rotten =
                    cluster.nodes().stream().filter(node -> node != sound).toList();
            Path ofLog = files(rotten.get(0), ".wal").get(0);
            rot(ofLog, 100_000);
            findsAndMakesUpFor(cluster, rotten.get(0), ofLog);

            rotten.get(1).scrubbed().flushState();
            List<Path> tables = files(rotten.get(1), ".sst");
            Path ofState = tables.stream()
                    .max(Comparator.comparing(file -> file.toFile().length()))
                    .orElseThrow();
            rot(ofState, ofState.toFile().length() / 2);
            findsAndMakesUpFor(cluster, rotten.get(1), ofState);
            assertThat(cluster.deaths).isEmpty();
        }
    }

    private void findsAndMakesUpFor(TestCluster cluster, Node rotten, Path file) {
        found.clear();
        Scrubber scrubber = scrub(rotten, new MetricRegistry());
        await().atMost(PATIENCE).until(() -> !found.isEmpty());
        scrubber.stop();
        assertThat(found)
                .singleElement()
                .asString()
                .contains(String.valueOf(file.getFileName()))
                .contains("The next start repairs it");
        mustPut(cluster.leader(), "meanwhile", "v");
        cluster.abort(rotten);

        Node back = cluster.start(rotten.self().value());
        cluster.awaitEqualStates();
        assertThat(read(back, "k0")).hasSize(700_000);
        assertThat(read(back, "meanwhile")).isEqualTo("v");
        MetricRegistry registry = new MetricRegistry();
        Scrubber again = scrub(back, registry);
        await().atMost(PATIENCE)
                .until(() -> registry.counter("axolotl_scrub_passes_total").getCount() > 0);
        again.stop();
        assertThat(found).as("what a scrub finds after the restart").hasSize(1);
    }
}

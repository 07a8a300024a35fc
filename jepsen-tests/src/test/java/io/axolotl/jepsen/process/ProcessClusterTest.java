package io.axolotl.jepsen.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A cluster of processes")
class ProcessClusterTest {
    @TempDir
    private Path folder;

    @Test
    @DisplayName(
            "names to a member that comes in another's place those that the cluster lists, not all there ever were (chaos, seed 2067)")
    void aNewMemberIsToldOfThoseThatAreMembersNow() {
        try (ProcessCluster cluster =
                ProcessCluster.of(Target.AXOLOTL).size(3).root(folder).build()) {
            List<ServerProcess> nodes = cluster.nodes();
            List<String> members =
                    List.of(nodes.get(0).spec().peerUrl(), nodes.get(1).spec().peerUrl());
            ServerProcess fresh = cluster.replace(nodes.get(1), members);
            assertThat(fresh.spec().command())
                    .contains("--initial-cluster=n1=" + members.get(0) + ",n2=" + members.get(1))
                    .contains("--initial-cluster-state=existing");
            assertThat(cluster.nodes()).containsExactly(nodes.get(0), fresh, nodes.get(2));
        }
    }

    @Test
    @DisplayName(
            "starts a member again that was to come back and ends of what befell it before (chaos, seed 1044), and none that lives")
    void whoEndsLateIsStartedAgain() {
        // Its first life never serves.
        String once = "[ -e \"$0\" ] || { : > \"$0\"; exec sleep 1000; }; exec \"$@\"";
        Place place = new Place(
                "127.0.0.1",
                "127.0.0.1",
                List.of("sh", "-c", once, folder.resolve("lived").toString()));
        try (ProcessCluster cluster = ProcessCluster.of(Target.AXOLOTL)
                .size(1)
                .root(folder.resolve("cluster"))
                .places(number -> place)
                .build()) {
            ServerProcess node = cluster.nodes().get(0);
            node.start();
            Await.fact("the first life", Duration.ofSeconds(20), () -> Files.exists(folder.resolve("lived")));
            assertThatThrownBy(() -> node.awaitHealthyOrStartAgain(Duration.ofMillis(300)))
                    .isInstanceOf(Await.TooLateException.class);
            assertThat(node.isAlive()).isTrue();
            node.kill();
            node.awaitHealthyOrStartAgain(Duration.ofSeconds(60));
            assertThat(node.isHealthy()).isTrue();
        }
    }
}

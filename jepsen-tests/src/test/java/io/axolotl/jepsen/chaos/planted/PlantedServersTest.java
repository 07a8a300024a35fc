package io.axolotl.jepsen.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Target;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.server.NodeConfig;
import io.axolotl.server.Server;
import io.axolotl.server.config.ServerConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Production servers in this process, without a fault, for as long as a bug of each port takes to show: that what is planted reaches the
 * server, and its judge. The rest needs faults, and is played by {@code axolotl chaos --planted}. That servers without a bug pass the same
 * judges is shown by {@code WorkloadsOnProcessesTest}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PlantedServersTest {
    private static final double CALLS_PER_SECOND = 150;
    private static final int ENOUGH_CALLS = 150;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path folder;

    private final List<Server> servers = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Server server : servers) {
            server.abort();
        }
    }

    private Target start(int members, PlantedServerBug bug) throws InterruptedException {
        Map<String, String> peers = new LinkedHashMap<>();
        IntStream.rangeClosed(1, members).forEach(member -> peers.put("n" + member, url()));
        String cluster = peers.entrySet().stream()
                .map(peer -> peer.getKey() + "=" + peer.getValue())
                .collect(Collectors.joining(","));
        List<String> clients = new ArrayList<>();
        peers.forEach((name, peer) -> {
            String client = url();
            clients.add(client);
            var request = (ServerConfigReader.Request.Start) new ServerConfigReader("a server with a bug")
                    .read(
                            List.of(
                                    "--name=" + name,
                                    "--data-dir=" + folder.resolve(name),
                                    "--listen-client-urls=" + client,
                                    "--advertise-client-urls=" + client,
                                    "--listen-peer-urls=" + peer,
                                    "--initial-advertise-peer-urls=" + peer,
                                    "--initial-cluster=" + cluster,
                                    "--disk-reserve-bytes=0"),
                            Map.of());
            NodeConfig.Surroundings ground = NodeConfig.Surroundings.real(
                    new MetricRegistry(), request.config().dataDir(), (what, cause) -> {});
            servers.add(Server.start(request.config(), bug.in(ground, name), UnaryOperator.identity()));
        });
        for (Server server : servers) {
            assertThat(server.awaitReady(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        return new Target("axolotl", clients);
    }

    private static String url() {
        return "http://127.0.0.1:" + LoopbackPorts.free();
    }

    private static List<Verdict> play(String name, Target target) {
        Workload workload = Workloads.named(name);
        try (History history = History.inMemory(System.nanoTime());
                Workload.Running running = workload.start(target, history, 1, CALLS_PER_SECOND)) {
            while (history.size() < ENOUGH_CALLS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            running.stop();
            running.finish();
            return workload.judge(history.calls());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, COMPARES_IGNORED",
        "1, RANGE_ENDS_EARLY",
        "1, RANGE_HALF_OLD",
        "1, MEMBERS_ACKED_EARLY",
        "3, FORWARDED_TWICE"
    })
    @DisplayName("a bug in the node, in the engine and in the way to the peers is caught by the judge that it names")
    void isCaught(int members, PlantedServerBug bug) throws InterruptedException {
        List<Verdict> verdicts = play(bug.caught().workload(), start(members, bug));
        assertThat(verdicts).anyMatch(it -> it.judge().equals(bug.caught().judge()) && it.isViolated());
    }
}

package io.axolotl.server;

import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Command lines of clusters on the loopback, on ports that were free a moment ago. */
final class TestServers {
    private TestServers() {}

    /** One command line per member, with short timeouts. */
    static List<List<String>> commandLines(Path folder, int members) {
        List<Integer> ports =
                Stream.generate(LoopbackPorts::free).limit(2L * members).toList();
        String cluster = IntStream.range(0, members)
                .mapToObj(i -> "n" + i + "=http://127.0.0.1:" + ports.get(i))
                .collect(Collectors.joining(","));
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            String peer = "http://127.0.0.1:" + ports.get(i);
            String client = "http://127.0.0.1:" + ports.get(members + i);
            lines.add(List.of(
                    "--name=n" + i,
                    "--data-dir=" + folder.resolve("n" + i),
                    "--listen-client-urls=" + client,
                    "--advertise-client-urls=" + client,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=" + cluster,
                    "--heartbeat-interval=50",
                    "--election-timeout=500"));
        }
        return lines;
    }

    static ServerConfig config(List<String> commandLine) {
        return ((ServerConfigReader.Request.Start) new ServerConfigReader("test").read(commandLine, Map.of())).config();
    }
}

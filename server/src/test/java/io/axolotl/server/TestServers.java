package io.axolotl.server;

import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Command lines of clusters on the loopback, on ports that were free a moment ago. */
final class TestServers {
    private TestServers() {}

    /** One command line per member, with short timeouts. */
    static List<List<String>> commandLines(Path folder, int members) {
        List<Integer> ports = freePorts(2 * members);
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

    /** Held all at once, so that no two are equal. */
    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException("no free ports on the loopback", e);
        }
    }
}

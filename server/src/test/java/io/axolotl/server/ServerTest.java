package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.MoveLeaderRequest;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.PutResponse;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.proto.RangeResponse;
import io.axolotl.client.proto.StatusRequest;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers in this process: real disk, real database, real connections. */
@Timeout(120)
class ServerTest {
    @TempDir
    Path folder;

    private final List<Server> running = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() throws InterruptedException {
        channels.forEach(ManagedChannel::shutdownNow);
        for (Server server : running) {
            server.stop();
        }
        assertThat(fatal).isEmpty();
    }

    @Test
    void aServerThatIsStoppedAndStartedAgainHasItsData() throws InterruptedException {
        ServerConfig config = configs(1).get(0);
        Server server = startReady(config);
        assertThat(put(server, "k", "v").getHeader().getRevision()).isEqualTo(2);
        server.stop();

        Server again = startReady(config);

        assertThat(get(again, "k").getKvs(0).getValue()).isEqualTo(ByteString.copyFromUtf8("v"));
        assertThat(put(again, "k", "w").getHeader().getRevision()).isEqualTo(3);
    }

    @Test
    @DisplayName("G-7: every member takes every call; MT-6: leadership moves on request")
    void threeServersAreOneStore() throws InterruptedException {
        List<Server> servers = new ArrayList<>();
        for (ServerConfig config : configs(3)) {
            servers.add(start(config));
        }
        for (Server server : servers) {
            assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        }
        for (int i = 0; i < 3; i++) {
            put(servers.get(i), "k" + i, "v" + i);
        }
        for (Server server : servers) {
            for (int i = 0; i < 3; i++) {
                assertThat(get(server, "k" + i).getCount()).isEqualTo(1);
            }
        }

        Server leader = servers.stream()
                .filter(server -> server.node().view().isLeader())
                .findFirst()
                .orElseThrow();
        Server other = servers.get((servers.indexOf(leader) + 1) % 3);
        MaintenanceGrpc.newBlockingStub(channel(leader))
                .moveLeader(MoveLeaderRequest.newBuilder()
                        .setTargetID(other.node().self().value())
                        .build());

        assertThat(MaintenanceGrpc.newBlockingStub(channel(other))
                        .status(StatusRequest.getDefaultInstance())
                        .getLeader())
                .isEqualTo(other.node().self().value());
        other.stop();
        put(leader, "after", "the leader has gone");
    }

    @Test
    @DisplayName("A15: ports of plain HTTP have a bound on connections too, and scrapers one of their own")
    void portsOfPlainHttpAreBounded() throws Exception {
        List<String> line = new ArrayList<>(TestServers.commandLines(folder, 1).get(0));
        line.add("--max-client-connections=2");
        line.add("--listen-client-http-urls=http://127.0.0.1:0");
        line.add("--listen-metrics-urls=http://127.0.0.1:0");
        Server server = start(TestServers.config(line));
        for (SocketAddress address : server.httpAddresses()) {
            List<Socket> open = new ArrayList<>();
            try {
                for (int i = 0; i < 2; i++) {
                    open.add(new Socket());
                    open.get(i).connect(address);
                    assertThat(healthOver(open.get(i))).startsWith("HTTP/1.1 200 ");
                }
                try (Socket tooMany = new Socket()) {
                    tooMany.connect(address);
                    tooMany.setSoTimeout(20_000);
                    assertThat(tooMany.getInputStream().read())
                            .as("closed without a word")
                            .isEqualTo(-1);
                }
            } finally {
                for (Socket socket : open) {
                    socket.close();
                }
            }
        }
    }

    private static String healthOver(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write("GET /health?serializable=true HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    @Test
    @DisplayName("design 4, step 9: what needs no quorum is served before there is a leader")
    void aMemberAloneServesWhatNeedsNoQuorum() throws InterruptedException {
        Server alone = start(configs(3).get(0));

        RangeResponse local = KVGrpc.newBlockingStub(channel(alone))
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k"))
                        .setSerializable(true)
                        .build());

        assertThat(local.getCount()).isZero();
        assertThat(MaintenanceGrpc.newBlockingStub(channel(alone))
                        .status(StatusRequest.getDefaultInstance())
                        .getErrorsList())
                .containsExactly("etcdserver: no leader");
        assertThat(alone.awaitReady(0, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aClientPortThatIsTakenIsNamed() {
        List<ServerConfig> configs = configs(2);
        start(configs.get(0));
        List<String> other = new ArrayList<>(
                TestServers.commandLines(folder.resolve("other"), 1).get(0));
        other.replaceAll(argument -> argument.startsWith("--listen-client-urls")
                ? "--listen-client-urls=" + configs.get(0).listenClientUrls().get(0)
                : argument);

        assertThatThrownBy(() -> start(TestServers.config(other)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot listen for clients on")
                .hasMessageContaining(configs.get(0).listenClientUrls().get(0).toString())
                .hasMessageContaining("is another process using the port?");
    }

    @Test
    void aDataFolderThatIsInUseIsRefused() {
        start(TestServers.config(TestServers.commandLines(folder, 1).get(0)));
        List<String> sameFolder = TestServers.commandLines(folder, 1).get(0);

        assertThatThrownBy(() -> start(TestServers.config(sameFolder))).isInstanceOf(RecoveryFailedException.class);
    }

    private List<ServerConfig> configs(int members) {
        return TestServers.commandLines(folder, members).stream()
                .map(TestServers::config)
                .toList();
    }

    private Server start(ServerConfig config) {
        Server server = Server.start(config, (what, cause) -> fatal.add(what + ": " + cause));
        running.add(server);
        return server;
    }

    private Server startReady(ServerConfig config) throws InterruptedException {
        Server server = start(config);
        assertThat(server.awaitReady(60, TimeUnit.SECONDS)).isTrue();
        return server;
    }

    private ManagedChannel channel(Server server) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        (InetSocketAddress) server.clientAddresses().get(0))
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    private PutResponse put(Server server, String key, String value) {
        return KVGrpc.newBlockingStub(channel(server))
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build());
    }

    private RangeResponse get(Server server, String key) {
        return KVGrpc.newBlockingStub(channel(server))
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .build());
    }
}

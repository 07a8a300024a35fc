package io.axolotl.jepsen.fuzz;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.PutRequest;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.client.transport.LoopbackPorts;
import io.axolotl.client.transport.NettyTransport;
import io.axolotl.server.Server;
import io.axolotl.server.config.ServerConfigReader;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A whole server of one member in this process, for the targets that lie behind its ports. What would end a process is written
 * down instead, and is a finding.
 *
 * <p>Safe for all threads.
 */
final class LiveServer implements AutoCloseable {
    /** Far longer than anything takes, on a machine that is busy with something else. */
    static final int PATIENCE_SECONDS = 60;

    private static final long LEAST_PATIENCE_SECONDS = 30;

    final int clientPort = LoopbackPorts.free();
    final int peerPort = LoopbackPorts.free();
    private final Queue<String> fatal = new ConcurrentLinkedQueue<>();
    private final Server server;
    private final NettyTransport transport;
    final ManagedChannel client;
    final ManagedChannel peer;
    private long puts;

    /** A message as it is on the wire. */
    enum Raw implements MethodDescriptor.Marshaller<byte[]> {
        BYTES;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("reading from memory cannot fail", e);
            }
        }
    }

    LiveServer(Path folder) throws InterruptedException {
        String peerUrl = "http://127.0.0.1:" + peerPort;
        String clientUrl = "http://127.0.0.1:" + clientPort;
        List<String> arguments = List.of(
                "--name=n1",
                "--data-dir=" + folder.resolve("data"),
                "--listen-client-urls=" + clientUrl,
                "--advertise-client-urls=" + clientUrl,
                "--listen-peer-urls=" + peerUrl,
                "--initial-advertise-peer-urls=" + peerUrl,
                "--initial-cluster=n1=" + peerUrl,
                "--disk-reserve-bytes=0");
        var request = (ServerConfigReader.Request.Start) new ServerConfigReader("fuzz").read(arguments, Map.of());
        server = Server.start(request.config(), (what, cause) -> fatal.add(what + ": " + cause));
        if (!server.awaitReady(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the server to be fuzzed is not ready after " + PATIENCE_SECONDS + " s");
        }
        transport = new NettyTransport(
                "fuzz",
                1,
                new NettyTransport.Settings(
                        Duration.ofSeconds(LEAST_PATIENCE_SECONDS),
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Optional.empty(),
                        false));
        client = transport.channel("127.0.0.1", clientPort);
        peer = transport.channel("127.0.0.1", peerPort);
    }

    long clusterId() {
        return server.node().clusterId();
    }

    long memberId() {
        return server.node().self().value();
    }

    static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
        return method.toBuilder(Raw.BYTES, Raw.BYTES).build();
    }

    /** What is wrong with it, or null: it still does what it is for. */
    @Nullable String ailment() {
        if (!fatal.isEmpty()) {
            return "the server would have ended: " + fatal;
        }
        ByteString key = ByteString.copyFromUtf8("\0health");
        ByteString value = ByteString.copyFromUtf8(Long.toString(++puts));
        try {
            var stub = KVGrpc.newBlockingStub(client).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var unused =
                    stub.put(PutRequest.newBuilder().setKey(key).setValue(value).build());
            ByteString found = stub.range(RangeRequest.newBuilder().setKey(key).build())
                    .getKvs(0)
                    .getValue();
            return found.equals(value) ? null : "wrote " + puts + " and read " + found.toStringUtf8();
        } catch (StatusRuntimeException e) {
            return "the server does not serve any more: " + e.getStatus();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        peer.shutdownNow();
        transport.close();
        try {
            server.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.bytes;
import static io.axolotl.server.api.Edge.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A16: messages that are none. {@link Edge#close} fails if anything would have ended the process. */
@Timeout(60)
class UnreadableRequestsTest {
    private static final byte[] NONSENSE = {-1};
    private static final String UNREADABLE = "INTERNAL grpc: error unmarshalling request";

    private enum Raw implements MethodDescriptor.Marshaller<byte[]> {
        BYTES;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
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

    private static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
        return method.toBuilder(Raw.BYTES, Raw.BYTES).build();
    }

    /** A watch on the key k, and what is heard of it. */
    private static final class Watching extends ClientCall.Listener<byte[]> {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final ClientCall<byte[], byte[]> call;

        Watching(Edge edge) throws InterruptedException {
            call = edge.channel.newCall(raw(WatchGrpc.getWatchMethod()), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(1_000);
            call.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder().setKey(bytes("k")))
                    .build()
                    .toByteArray());
            assertThat(heard.take()).isEqualTo("message");
        }

        @Override
        public void onMessage(byte[] message) {
            heard.add("message");
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            heard.add(status.getCode() + " " + status.getDescription());
        }
    }

    @Test
    @DisplayName("A16: a watch whose client sends nonsense ends, and events for it hurt nobody afterwards")
    void aStreamThatCannotBeReadEnds() throws InterruptedException {
        try (Edge edge = new Edge()) {
            Watching other = new Watching(edge);
            Watching broken = new Watching(edge);
            broken.call.sendMessage(NONSENSE);
            assertThat(broken.heard.take()).isEqualTo(UNREADABLE);
            for (int i = 0; i < 20; i++) {
                var unused = edge.kv.put(put("k", "v" + i));
                assertThat(other.heard.take()).isEqualTo("message");
            }
            assertThat(broken.heard).isEmpty();
            other.call.cancel("done", null);
        }
    }

    @Test
    @DisplayName("A16: events that are being sent while nonsense comes are sent or dropped, whoever is first")
    void aStreamEndsWhileItIsSentTo() throws InterruptedException {
        try (Edge edge = new Edge()) {
            for (int round = 0; round < 20; round++) {
                Watching broken = new Watching(edge);
                var unused = KVGrpc.newFutureStub(edge.channel).put(put("k", "v" + round));
                broken.call.sendMessage(NONSENSE);
                String last = broken.heard.take();
                while (last.equals("message")) {
                    last = broken.heard.take();
                }
                assertThat(last).isEqualTo(UNREADABLE);
            }
        }
    }

    @Test
    void aCallThatCannotBeReadReachesNoService() {
        try (Edge edge = new Edge()) {
            Edge.assertRefused(
                    Status.Code.INTERNAL,
                    "grpc: error unmarshalling request",
                    () -> ClientCalls.blockingUnaryCall(
                            edge.channel, raw(KVGrpc.getPutMethod()), CallOptions.DEFAULT, NONSENSE));
            assertThat(edge.node.proposals).hasValue(0);
        }
    }
}

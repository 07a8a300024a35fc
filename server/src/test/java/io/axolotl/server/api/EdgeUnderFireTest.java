package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricFilter;
import com.google.common.io.ByteStreams;
import io.axolotl.client.proto.KVGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** All that stands before the services, together, against callers who mean no good. */
class EdgeUnderFireTest {
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return ByteStreams.toByteArray(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private final Edge edge = new Edge();

    @AfterEach
    void close() {
        edge.close();
    }

    private void putUnreadable() {
        MethodDescriptor<byte[], byte[]> method =
                KVGrpc.getPutMethod().toBuilder(BYTES, BYTES).build();
        // A field that is said to go on for longer than the message.
        byte[] message = {0x0a, 0x7f};
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(edge.channel, method, CallOptions.DEFAULT, message))
                .hasMessage("INTERNAL: grpc: error unmarshalling request");
    }

    @Test
    @DisplayName("A16: calls that cannot be read take no place from those that can")
    void whatCannotBeReadLeavesNothingBehind() {
        // More than there are places while it is not known how fast calls are finished.
        for (int i = 0; i < 300; i++) {
            putUnreadable();
        }
        assertThat(edge.registry
                        .getGauges(MetricFilter.startsWith("axolotl_requests_inflight"))
                        .values())
                .isNotEmpty()
                .allSatisfy(gauge ->
                        assertThat(((Number) gauge.getValue()).longValue()).isZero());
        assertThat(edge.kv.put(Edge.put("k", "v")).getHeader().getRevision()).isPositive();
    }

    @Test
    @DisplayName(
            "AU-2: a token that says it is of later than this member knows of, over JSON, ends in an answer and in nothing else")
    void aTokenFromTheFutureEndsInAnAnswer() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://" + edge.address.getHostString() + ":" + edge.address.getPort() + "/v3/kv/put"))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "aaaaaaaaaaaaaaaaaaaaaaaa." + Long.MAX_VALUE)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("key is not provided");
        assertThat(edge.kv.put(Edge.put("k", "v")).getHeader().getRevision()).isPositive();
    }
}

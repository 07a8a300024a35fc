package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pitfall 62: a call that is turned away by its first frame alone, which grpc never hears of. */
@Timeout(60)
class TurnstileTest {
    private SmallPort port;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws IOException {
        port = new SmallPort(ConnectionLimits.standard(100), null);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port.clearPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow();
        port.close();
    }

    private byte[] echo(int bytes, CallOptions options) {
        return ClientCalls.blockingUnaryCall(channel, SmallPort.ECHO, options, new byte[bytes]);
    }

    @Test
    @DisplayName(
            "who is turned away hears why and nobody else hears of it; the connection is as good as before, windows and headers included")
    void theRestOfTheConnectionIsUntouched() throws Exception {
        assertThat(echo(10, CallOptions.DEFAULT)).hasSize(10);
        assertThat(port.closed.take()).isEqualTo(Status.Code.OK);
        port.isShut = true;
        for (int i = 0; i < 300; i++) {
            assertThatThrownBy(() -> echo(50_000, CallOptions.DEFAULT))
                    .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
                        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                        assertThat(refused.getStatus().getDescription()).isEqualTo("come later");
                    });
            assertThat(port.closed.take()).as("counted as every call").isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        }
        assertThat(port.calls).hasValue(1);
        port.isShut = false;
        for (int i = 0; i < 30; i++) {
            assertThat(echo(50_000, CallOptions.DEFAULT)).hasSize(50_000);
        }
    }

    @Test
    @DisplayName("what comes behind the first frame goes nowhere: data, trailers, and a reset")
    void whatFollowsIsDropped() throws Exception {
        port.isShut = true;
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call("test.Small/Echo"));
            RawHttp2.Frame refusal = client.next(RawHttp2.HEADERS);
            assertThat(refusal.stream()).isEqualTo(1);
            assertThat(refusal.flags() & RawHttp2.END_STREAM).isNotZero();
            client.send(RawHttp2.DATA, 0, 1, new byte[20]);
            client.send(
                    RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, RawHttp2.call("test.Small/Echo"));
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 3, RawHttp2.call("test.Small/Echo"));
            assertThat(client.next(RawHttp2.HEADERS).stream()).isEqualTo(3);
            client.send(RawHttp2.RST_STREAM, 0, 3, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
            port.isShut = false;
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 5, RawHttp2.call("test.Small/Echo"));
            client.send(
                    RawHttp2.DATA, RawHttp2.END_STREAM, 5, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 7);
            assertThat(client.next(RawHttp2.DATA).stream()).isEqualTo(5);
        }
        assertThat(port.calls).hasValue(1);
    }

    @Test
    void aCallersDeadlineIsSeen() throws Exception {
        assertThat(echo(1, CallOptions.DEFAULT)).hasSize(1);
        assertThat(port.timeouts.take()).isEqualTo(Long.MAX_VALUE);
        assertThat(echo(1, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS)))
                .hasSize(1);
        assertThat(port.timeouts.take()).isBetween(1L, TimeUnit.SECONDS.toNanos(30));
    }

    @ParameterizedTest
    @CsvSource({
        "1H, 3600000000000",
        "2M, 120000000000",
        "3S, 3000000000",
        "99999999m, 99999999000000",
        "5u, 5000",
        "6n, 6",
        "0m, 0",
        "99999999H, 9223372036854775807",
        "100000000n, 9223372036854775807",
        "m, 9223372036854775807",
        "1, 9223372036854775807",
        "1x, 9223372036854775807",
        "-1m, 9223372036854775807"
    })
    @DisplayName("grpc-timeout as its specification has it; what cannot be read says nothing of time")
    void timeoutsAreRead(String text, long nanos) {
        assertThat(Http2Turnstile.timeoutNanos(text)).isEqualTo(nanos);
    }
}

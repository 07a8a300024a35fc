package io.axolotl.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a hostile client can make the client port hold or do (F.1, faults A15 and I14): its connection ends, memory does not
 * grow, and a client beside it is served.
 */
@Timeout(60)
class ConnectionLimitsTest {
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int PROTOCOL_ERROR = 1;
    private static final int REFUSED_STREAM = 7;
    private static final int COMPRESSION_ERROR = 9;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MAX_STREAMS = 50;

    /** Far below what any of the floods sends, far above what one connection may cost. */
    private static final long MOST_GROWTH_BYTES = 8 << 20;

    private static final int PING = 6;
    private static final ConnectionLimits LIMITS =
            new ConnectionLimits(MAX_STREAMS, 16 << 10, 100, Duration.ofSeconds(10), Duration.ofMinutes(10));

    private SmallPort port;
    private long before;

    @BeforeEach
    void open() throws IOException {
        port = new SmallPort(LIMITS, null);
    }

    /** To be held against what is used when the attack is over; a client has been served before, so that all is loaded. */
    private void measure() throws IOException {
        assertServed();
        before = usedBytes();
    }

    @AfterEach
    void close() {
        port.close();
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(usedBytes() - before).as("growth in bytes").isLessThan(MOST_GROWTH_BYTES);
        assertServed();
    }

    /** Somebody else calls and is answered. */
    private void assertServed() throws IOException {
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call("test.Small/Echo"));
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, message(3));
            assertThat(client.next(RawHttp2.DATA).stream()).isEqualTo(1);
        }
    }

    private static byte[] message(int bytes) {
        return ByteBuffer.allocate(5 + bytes).put((byte) 0).putInt(bytes).array();
    }

    private static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of(
                        "a frame of 16 MiB",
                        RawHttp2.frame(0xffffff, RawHttp2.DATA, 0, 1, new byte[100]),
                        FRAME_SIZE_ERROR),
                Arguments.of("data without a stream", RawHttp2.frame(1, RawHttp2.DATA, 0, 0, (byte) 1), PROTOCOL_ERROR),
                Arguments.of(
                        "headers that are none",
                        RawHttp2.frame(
                                4, RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, (byte) -1, (byte) -1, (byte) -1, (byte)
                                        -1),
                        COMPRESSION_ERROR),
                Arguments.of(
                        "a continuation of nothing",
                        RawHttp2.frame(1, RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 1, (byte) 0x83),
                        PROTOCOL_ERROR),
                Arguments.of(
                        "settings of a wrong size",
                        RawHttp2.frame(5, RawHttp2.SETTINGS, 0, 0, new byte[5]),
                        FRAME_SIZE_ERROR),
                Arguments.of(
                        "a window of nothing",
                        RawHttp2.frame(4, RawHttp2.WINDOW_UPDATE, 0, 0, new byte[4]),
                        PROTOCOL_ERROR));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformedFramesEndTheConnection(String what, byte[] frame, int error) throws IOException {
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.write(frame);
            RawHttp2.Frame goodbye = client.goodbye();
            assertThat(goodbye.errorCode()).isEqualTo(error);
        }
        assertServed();
    }

    @Test
    @DisplayName("CVE-2023-44487: calls that are begun and reset without end (rapid reset) end the connection")
    void aFloodOfResetsEndsTheConnection() throws IOException {
        measure();
        byte[] cancel = {0, 0, 0, 8};
        byte[] head = RawHttp2.call("test.Small/Hang");
        int callsBefore = port.calls.get();
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            int sent = floodUntilClosed(client, 200_000, stream -> {
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head);
                client.send(RawHttp2.RST_STREAM, 0, stream, cancel);
            });
            assertThat(sent).isLessThan(200_000);
        }
        assertThat(port.calls.get() - callsBefore)
                .as("calls that were begun")
                .isLessThanOrEqualTo(2 * LIMITS.maxResets());
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("CVE-2025-8671: resets that a client makes the server send (MadeYouReset) count as its own")
    void aFloodOfForcedResetsEndsTheConnection() throws IOException {
        measure();
        byte[] head = RawHttp2.call("test.Small/Hang");
        int callsBefore = port.calls.get();
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            int sent = floodUntilClosed(client, 200_000, stream -> {
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head);
                client.send(RawHttp2.WINDOW_UPDATE, 0, stream, new byte[4]);
            });
            assertThat(sent).isLessThan(200_000);
        }
        assertThat(port.calls.get() - callsBefore).isLessThanOrEqualTo(2 * LIMITS.maxResets());
        assertNothingIsLeft();
    }

    @Test
    @DisplayName(
            "CVE-2019-9515: settings whose acknowledgements nobody reads end the connection before they fill the heap")
    void aFloodOfSettingsEndsTheConnection() throws IOException {
        measure();
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        for (int i = 0; i < 10_000; i++) {
            many.writeBytes(RawHttp2.frame(0, RawHttp2.SETTINGS, 0, 0));
        }
        byte[] batch = many.toByteArray();
        int sent = 0;
        try (RawHttp2 client = new RawHttp2(port.clearPort(), 4096).greeted()) {
            for (; sent < 1_000; sent++) {
                client.write(batch);
            }
        } catch (java.net.SocketException closed) {
            // As it should be.
        }
        assertThat(sent).isLessThan(1_000);
        assertNothingIsLeft();
    }

    /** Something that a client sends again and again, on ever new streams. */
    private interface Attack {
        void send(int stream) throws IOException;
    }

    /** @return how often it could be sent */
    private static int floodUntilClosed(RawHttp2 client, int most, Attack attack) throws IOException {
        Thread reader = new Thread(() -> {
            try {
                client.drain();
            } catch (IOException e) {
                throw new AssertionError("the connection does not end", e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        int sent = 0;
        try {
            for (; sent < most; sent++) {
                attack.send(2 * sent + 1);
            }
        } catch (java.net.SocketException closed) {
            return sent;
        }
        return sent;
    }

    @Test
    @DisplayName("CVE-2024-27316: headers that are continued without end end the connection")
    void aFloodOfContinuationsEndsTheConnection() throws IOException {
        measure();
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        RawHttp2.header(part, "x", "y".repeat(8_000));
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, 0, 1, RawHttp2.call("test.Small/Echo"));
            int sent = floodUntilClosed(
                    client, 50_000, stream -> client.send(RawHttp2.CONTINUATION, 0, 1, part.toByteArray()));
            assertThat(sent).isLessThan(50_000);
        }
        assertNothingIsLeft();
    }

    @Test
    void aFloodOfEmptyContinuationsEndsTheConnection() throws IOException {
        measure();
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, 0, 1, RawHttp2.call("test.Small/Echo"));
            int sent = floodUntilClosed(client, 1_000_000, stream -> client.send(RawHttp2.CONTINUATION, 0, 1));
            assertThat(sent).isLessThan(1_000_000);
        }
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("headers above the limit reach no service, however small they are on the wire")
    void headersAboveTheLimitAreRefused() throws IOException {
        measure();
        int callsBefore = port.calls.get();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.writeBytes(RawHttp2.call("test.Small/Echo"));
        // Put into the table once, then named ten thousand times by one byte each (a bomb).
        head.write(0x40);
        head.write(1);
        head.write('x');
        head.write(100);
        head.writeBytes("y".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int i = 0; i < 10_000; i++) {
            head.write(0x80 | 62);
        }
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, head.toByteArray());
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 3, RawHttp2.call("test.Small/Echo"));
            client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 3, message(1));
            RawHttp2.Frame answer = client.next(RawHttp2.DATA);
            assertThat(answer.stream()).as("a call beside it is served").isEqualTo(3);
        }
        assertThat(port.calls.get() - callsBefore)
                .as("the call beside it alone")
                .isEqualTo(1);
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("D: a message that claims more than the limit is refused before room is made for it")
    void anOversizedMessageIsRefusedAtItsHead() throws IOException {
        measure();
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call("test.Small/Echo"));
            client.send(
                    RawHttp2.DATA,
                    0,
                    1,
                    ByteBuffer.allocate(5)
                            .put((byte) 0)
                            .putInt(Integer.MAX_VALUE)
                            .array());
            RawHttp2.Frame answer = client.next(RawHttp2.HEADERS);
            assertThat(answer.flags() & RawHttp2.END_STREAM).as("ends the call").isNotZero();
        }
        assertNothingIsLeft();
    }

    @Test
    void moreStreamsThanPermittedAreRefused() throws IOException {
        measure();
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            for (int i = 0; i <= MAX_STREAMS; i++) {
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, RawHttp2.call("test.Small/Hang"));
            }
            RawHttp2.Frame refused = client.next(RawHttp2.RST_STREAM);
            assertThat(refused.stream()).isEqualTo(2 * MAX_STREAMS + 1);
            assertThat(refused.errorCode()).isEqualTo(REFUSED_STREAM);
        }
        assertNothingIsLeft();
    }

    @Test
    @DisplayName("A15: more connections than permitted are closed at once, and there is room again when one ends")
    void moreConnectionsThanPermittedAreClosed() throws IOException {
        List<RawHttp2> clients = new ArrayList<>();
        try {
            for (int i = 0; i < SmallPort.MAX_CONNECTIONS; i++) {
                clients.add(connected());
            }
            try (RawHttp2 tooMany = new RawHttp2(port.clearPort())) {
                assertThat(tooMany.read()).as("closed without a word").isNull();
            }
        } finally {
            for (RawHttp2 client : clients) {
                client.close();
            }
        }
        connected().close();
    }

    /** Who was counted before, and has gone, may not have been seen to go yet. */
    private RawHttp2 connected() throws IOException {
        while (true) {
            try {
                return new RawHttp2(port.clearPort()).greeted();
            } catch (java.io.EOFException | java.net.SocketException full) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aConnectionWithoutCallsIsToldToGo() throws IOException {
        port.close();
        port = new SmallPort(
                new ConnectionLimits(MAX_STREAMS, 16 << 10, 100, Duration.ofSeconds(10), Duration.ofMillis(300)), null);
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            RawHttp2.Frame goodbye = client.next(RawHttp2.GO_AWAY);
            assertThat(goodbye.errorCode()).as("NO_ERROR").isZero();
        }
    }

    @Test
    @DisplayName("contract D: a client that does not answer a ping is taken for gone, and its calls end")
    void aClientThatAnswersNoPingIsLetGo() throws IOException {
        port.close();
        port = new SmallPort(LIMITS.withPings(Duration.ofMillis(50), Duration.ofMillis(200)), null);
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call("test.Small/Hang"));
            int pings = 0;
            for (RawHttp2.Frame frame = client.read(); frame != null; frame = client.read()) {
                pings += frame.type() == PING ? 1 : 0;
            }
            assertThat(pings).as("pings before the connection ended").isPositive();
        }
    }

    @Test
    @DisplayName(
            "CVE-2023-44487: etcd's standard of --max-concurrent-streams does not switch off the guard against resets")
    void theGuardAgainstResetsHasABoundOfItsOwn() {
        assertThat(ConnectionLimits.standard(Integer.MAX_VALUE).maxResets()).isEqualTo(10_000);
        assertThat(ConnectionLimits.standard(100).maxResets()).isEqualTo(100);
    }

    @Test
    void whatIsAFloodIsToldSo() throws IOException {
        byte[] cancel = {0, 0, 0, 8};
        try (RawHttp2 client = new RawHttp2(port.clearPort()).greeted()) {
            for (int i = 0; i <= LIMITS.maxResets(); i++) {
                client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, RawHttp2.call("test.Small/Hang"));
                client.send(RawHttp2.RST_STREAM, 0, 2 * i + 1, cancel);
            }
            RawHttp2.Frame goodbye = client.goodbye();
            assertThat(goodbye.errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
        }
    }
}

package io.axolotl.jepsen.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Bytes straight to a port of a running server, and the end of the connection after them. The server may answer or not; it must
 * close, and go on serving others.
 */
final class SocketTarget implements FuzzTarget {
    private static final int MAX_ANSWER_BYTES = 8 << 20;

    private static final List<byte[]> HTTP_WORDS = List.of(
            ascii("\r\n"),
            ascii("\r\n\r\n"),
            ascii("Transfer-Encoding: chunked\r\n"),
            ascii("Content-Length: 99999999999\r\n"),
            ascii("Content-Length: -1\r\n"),
            ascii("Expect: 100-continue\r\n"),
            ascii("Connection: upgrade\r\nUpgrade: h2c\r\n"),
            ascii("GET /health HTTP/1.1\r\n"),
            ascii("GET /metrics HTTP/1.0\r\n"),
            ascii("POST /v3/kv/range HTTP/1.1\r\n"),
            ascii("ffffffff\r\n"),
            ascii("%00"),
            ascii("%zz"),
            ascii("?exclude=%ff&"),
            ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));

    private final String name;
    private final LiveServer server;
    private final int port;
    private final Function<SplittableRandom, byte[]> making;
    private final List<byte[]> tokens;

    private SocketTarget(
            String name, LiveServer server, int port, Function<SplittableRandom, byte[]> making, List<byte[]> tokens) {
        this.name = name;
        this.server = server;
        this.port = port;
        this.making = making;
        this.tokens = tokens;
    }

    static List<FuzzTarget> all(LiveServer server) {
        return List.of(
                new SocketTarget("http1", server, server.clientPort, SocketTarget::http1, HTTP_WORDS),
                new SocketTarget("http2", server, server.clientPort, Http2Bytes::conversation, Http2Bytes.TOKENS),
                new SocketTarget("peer-http2", server, server.peerPort, Http2Bytes::conversation, Http2Bytes.TOKENS));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] http1(SplittableRandom random) {
        StringBuilder out = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            String path = Chance.one(
                    random,
                    List.of("/health", "/version", "/metrics", "/health?serializable=true", "/v3/kv/range", "/", "/x"));
            String body = random.nextInt(3) == 0 ? "{\"key\":\"Zm9v\"}" : "";
            out.append(body.isEmpty() ? "GET " : "POST ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
            if (!body.isEmpty()) {
                out.append("Content-Type: application/json\r\nContent-Length: ")
                        .append(body.length())
                        .append("\r\n");
            }
            out.append("\r\n").append(body);
        }
        return ascii(out.toString());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] valid(SplittableRandom random) {
        return making.apply(random);
    }

    @Override
    public List<byte[]> tokens() {
        return tokens;
    }

    @Override
    public void feed(byte[] input) throws IOException {
        try (Socket socket = new Socket()) {
            int patienceMillis = (int) TimeUnit.SECONDS.toMillis(LiveServer.PATIENCE_SECONDS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), patienceMillis);
            socket.setSoTimeout(patienceMillis);
            OutputStream out = socket.getOutputStream();
            out.write(input);
            socket.shutdownOutput();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8_192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                answer.write(buffer, 0, read);
                if (answer.size() > MAX_ANSWER_BYTES) {
                    throw new IllegalStateException("the answer does not end");
                }
            }
        } catch (SocketException closedEarly) {
            // A server that has read enough closes, whatever is still under way.
            return;
        }
    }

    /** Not even a timeout: a connection that has ended must be closed. */
    @Override
    public boolean isRefusal(Throwable raised) {
        return false;
    }

    @Override
    public long maxAllocatedBytes(int inputBytes) {
        return 64L << 20;
    }

    @Override
    public @Nullable String ailment() {
        return server.ailment();
    }
}

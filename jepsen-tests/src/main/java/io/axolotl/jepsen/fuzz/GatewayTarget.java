package io.axolotl.jepsen.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * JSON in requests of the gateway that are right otherwise: the first byte of an input chooses the path, the rest is the body. An
 * answer must come, and none that tells of an accident.
 */
final class GatewayTarget implements FuzzTarget {
    private static final List<String> PATHS = List.of(
            "/v3/kv/range",
            "/v3/kv/put",
            "/v3/kv/txn",
            "/v3/kv/deleterange",
            "/v3/lease/grant",
            "/v3/lease/timetolive",
            "/v3/cluster/member/list",
            "/v3/maintenance/status");

    private static final int LONGEST_STATUS_LINE = 256;

    private static final List<byte[]> TOKENS = List.of(
            bytes("{"),
            bytes("}"),
            bytes("["),
            bytes("]"),
            bytes("[[[[[[[["),
            bytes("null"),
            bytes("true"),
            bytes("1e999"),
            bytes("-0"),
            bytes("\"\\ud800\""),
            bytes("\"\\u0000\""),
            bytes("\"key\":"),
            bytes("\"requestTxn\":{"),
            bytes("\"success\":[{"),
            bytes("\"9223372036854775808\""),
            bytes("NaN"),
            bytes("//"),
            bytes("\ufeff"));

    private final LiveServer server;

    GatewayTarget(LiveServer server) {
        this.server = server;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return "gateway";
    }

    @Override
    public List<byte[]> tokens() {
        return TOKENS;
    }

    @Override
    public byte[] valid(SplittableRandom random) {
        String key = "\"key\":\"" + Base64.getEncoder().encodeToString(Chance.bytes(random, 1, 9)) + "\"";
        int path = random.nextInt(PATHS.size());
        String body = switch (path) {
            case 0 -> "{" + key + ",\"limit\":\"" + random.nextInt(9) + "\",\"sort_order\":\"DESCEND\"}";
            case 1 -> "{" + key + ",\"value\":\"Zm9v\",\"prev_kv\":" + random.nextBoolean() + "}";
            case 2 ->
                "{\"compare\":[{" + key + ",\"target\":\"VERSION\",\"result\":\"GREATER\",\"version\":\"0\"}],"
                        + "\"success\":[{\"requestRange\":{" + key + "}}]}";
            case 3 -> "{" + key + "}";
            case 4 -> "{\"TTL\":60}";
            case 5 -> "{\"ID\":\"" + random.nextInt(50) + "\",\"keys\":true}";
            default -> "{}";
        };
        byte[] json = bytes(body);
        byte[] out = new byte[1 + json.length];
        out[0] = (byte) path;
        System.arraycopy(json, 0, out, 1, json.length);
        return out;
    }

    @Override
    public void feed(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] head = bytes("POST " + PATHS.get((input[0] & 0xff) % PATHS.size()) + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + (input.length - 1)
                + "\r\n\r\n");
        try (Socket socket = new Socket()) {
            int patienceMillis = (int) TimeUnit.SECONDS.toMillis(LiveServer.PATIENCE_SECONDS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.clientPort), patienceMillis);
            socket.setSoTimeout(patienceMillis);
            OutputStream out = socket.getOutputStream();
            out.write(head);
            out.write(input, 1, input.length - 1);
            String status = statusLine(socket.getInputStream());
            if (!status.startsWith("HTTP/1.1 200 ")) {
                throw new Refused(status);
            }
        }
    }

    private static String statusLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\r' && line.length() < LONGEST_STATUS_LINE; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** Not 200. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String statusLine) {
            super(statusLine);
        }
    }

    /** A refusal says whose fault it is: the caller's. */
    @Override
    public boolean isRefusal(Throwable raised) {
        return raised instanceof Refused && String.valueOf(raised.getMessage()).startsWith("HTTP/1.1 4");
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

package io.axolotl.jepsen.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** What an HTTP/2 client says, frame by frame (RFC 9113, RFC 7541). Stateless. */
final class Http2Bytes {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    /** Frames that belong to floods. */
    static final List<byte[]> TOKENS = List.of(
            frame(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8}),
            frame(PING, 0, 0, new byte[8]),
            frame(SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1}),
            frame(SETTINGS, 1, 0, new byte[0]),
            frame(WINDOW_UPDATE, 0, 0, new byte[] {0x7f, -1, -1, -1}),
            frame(CONTINUATION, 0, 1, new byte[16]),
            frame(GOAWAY, 0, 0, new byte[8]),
            frame(DATA, END_STREAM, 1, new byte[] {0, 0x7f, -1, -1, -1}));

    private Http2Bytes() {}

    /** The preface, and some calls of Range. */
    static byte[] conversation(SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(PREFACE);
        out.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
        int calls = 1 + random.nextInt(3);
        for (int i = 0; i < calls; i++) {
            int stream = 2 * i + 1;
            out.writeBytes(frame(HEADERS, END_HEADERS, stream, headers(random)));
            byte[] message = Chance.bytes(random, 0, 40);
            byte[] framed = ByteBuffer.allocate(5 + message.length)
                    .put((byte) 0)
                    .putInt(message.length)
                    .put(message)
                    .array();
            out.writeBytes(frame(DATA, END_STREAM, stream, framed));
            if (random.nextInt(4) == 0) {
                out.writeBytes(TOKENS.get(random.nextInt(TOKENS.size())));
            }
        }
        return out.toByteArray();
    }

    private static byte[] headers(SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x83); // :method POST
        out.write(0x86); // :scheme http
        out.write(0x04); // :path, by its number in the static table
        text(out, Chance.one(random, List.of("/etcdserverpb.KV/Range", "/etcdserverpb.KV/Put", "/no/such")));
        out.write(0x01); // :authority
        text(out, "localhost");
        literal(out, "content-type", "application/grpc");
        literal(out, "te", "trailers");
        if (random.nextBoolean()) {
            literal(out, "grpc-timeout", random.nextInt(100) + "S");
        }
        return out.toByteArray();
    }

    private static void literal(ByteArrayOutputStream out, String name, String value) {
        out.write(0);
        text(out, name);
        text(out, value);
    }

    /** Shorter than 127 bytes, without Huffman's code. */
    private static void text(ByteArrayOutputStream out, String text) {
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >>> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }
}

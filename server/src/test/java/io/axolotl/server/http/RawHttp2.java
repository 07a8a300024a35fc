package io.axolotl.server.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client that writes HTTP/2 frames by hand (RFC 9113), right or wrong. One thread at a time. */
final class RawHttp2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private final Socket socket;
    private final DataInputStream in;

    /** One frame that was read. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        /** Of a GOAWAY or RST_STREAM. */
        int errorCode() {
            return ByteBuffer.wrap(payload).getInt(type == GO_AWAY ? 4 : 0);
        }
    }

    RawHttp2(int port) throws IOException {
        this(port, 0);
    }

    /** @param receiveBytes what the operating system may take in unread; 0 for as much as it likes */
    RawHttp2(int port, int receiveBytes) throws IOException {
        socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(20_000);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Preface and settings, and waits for those of the server. */
    RawHttp2 greeted() throws IOException {
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0);
        while (true) {
            Frame frame = read();
            if (frame == null) {
                throw new EOFException("the server has closed the connection during the greeting");
            }
            if (frame.type == SETTINGS && frame.flags == 0) {
                return this;
            }
        }
    }

    void send(int type, int flags, int stream, byte... payload) throws IOException {
        write(frame(payload.length, type, flags, stream, payload));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** @param length what the frame claims to have */
    static byte[] frame(int length, int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt((length << 8) | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** The head of a call (HPACK without its table). */
    static byte[] call(String method) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x83);
        out.write(0x86);
        header(out, ":path", "/" + method);
        header(out, ":authority", "localhost");
        header(out, "content-type", "application/grpc");
        header(out, "te", "trailers");
        return out.toByteArray();
    }

    static void header(ByteArrayOutputStream out, String name, String value) {
        out.write(0);
        text(out, name);
        text(out, value);
    }

    private static void text(ByteArrayOutputStream out, String text) {
        int length = text.length();
        if (length < 127) {
            out.write(length);
        } else {
            out.write(127);
            int rest = length - 127;
            while (rest >= 128) {
                out.write((rest & 127) | 128);
                rest >>>= 7;
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The next frame; null at the end of the connection, however it comes. */
    @Nullable Frame read() throws IOException {
        try {
            int head = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[head >>> 8];
            in.readFully(payload);
            return new Frame(head & 0xff, flags, stream, payload);
        } catch (EOFException | java.net.SocketException e) {
            return null;
        }
    }

    /** Reads until the server has closed the connection. */
    void drain() throws IOException {
        Frame frame = read();
        while (frame != null) {
            frame = read();
        }
    }

    /** The last word of the server, after which it has closed the connection. */
    Frame goodbye() throws IOException {
        Frame goodbye = null;
        for (Frame frame = read(); frame != null; frame = read()) {
            if (frame.type == GO_AWAY) {
                goodbye = frame;
            }
        }
        if (goodbye == null) {
            throw new AssertionError("the server has closed the connection without a GOAWAY");
        }
        return goodbye;
    }

    /** Reads until a frame of this type has come. */
    Frame next(int type) throws IOException {
        for (Frame frame = read(); frame != null; frame = read()) {
            if (frame.type == type) {
                return frame;
            }
        }
        throw new AssertionError("the server has closed the connection before a frame of type " + type);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package io.axolotl.server.launch;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A datagram socket of the system, bound and read as systemd does with the one of a service. One thread at a time. */
public final class ManagerSocket implements AutoCloseable {
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int EAGAIN = 11;

    static {
        Native.register(ManagerSocket.class, Platform.C_LIBRARY_NAME);
    }

    private final String name;
    private final int descriptor;

    /** @param name a path, or a name in the abstract space that begins with an at sign */
    private ManagerSocket(String name) {
        this.name = name;
        this.descriptor = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        byte[] address = ByteBuffer.allocate(2 + path.length + (path[0] == '@' ? 0 : 1))
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_UNIX)
                .put(path)
                .array();
        if (path[0] == '@') {
            address[2] = 0;
        }
        bind(descriptor, address, address.length);
    }

    public static ManagerSocket at(Path path) {
        return new ManagerSocket(path.toString());
    }

    static ManagerSocket abstractly(String name) {
        return new ManagerSocket("@" + name);
    }

    /** What the environment of a service has as NOTIFY_SOCKET. */
    public String name() {
        return name;
    }

    /** The next datagram, or empty if none comes within the bound. */
    public Optional<String> receive(Duration bound) {
        byte[] timeout = ByteBuffer.allocate(16)
                .order(ByteOrder.nativeOrder())
                .putLong(bound.toSeconds())
                .putLong(bound.toNanosPart() / 1_000)
                .array();
        int unused = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length);
        byte[] message = new byte[4_096];
        try {
            long bytes = recv(descriptor, message, message.length, 0);
            return Optional.of(new String(message, 0, (int) bytes, StandardCharsets.UTF_8));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EAGAIN) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The next datagram of which a line begins so; others are passed over. */
    public String receiveLine(String beginning, Duration bound) {
        long deadlineNanos = System.nanoTime() + bound.toNanos();
        for (long left = bound.toNanos(); left > 0; left = deadlineNanos - System.nanoTime()) {
            Optional<String> message = receive(Duration.ofNanos(left));
            if (message.isPresent() && message.get().lines().anyMatch(line -> line.startsWith(beginning))) {
                return message.get();
            }
        }
        throw new AssertionError("no datagram with a line " + beginning + " within " + bound);
    }

    @Override
    public void close() {
        LibC.close(descriptor);
    }

    private static native int bind(int socket, byte[] address, int addressBytes) throws LastErrorException;

    private static native int setsockopt(int socket, int level, int name, byte[] value, int valueBytes)
            throws LastErrorException;

    private static native long recv(int socket, byte[] message, long maxBytes, int flags) throws LastErrorException;
}

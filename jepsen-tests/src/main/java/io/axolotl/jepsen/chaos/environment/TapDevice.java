package io.axolotl.jepsen.chaos.environment;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A TAP device, which the kernel takes away with this process. It has to be brought up and into a bridge. Safe for all threads. */
record TapDevice(int descriptor) implements PacketDevice {
    private static final long TUNSETIFF = 0x400454caL;
    private static final int IFF_TAP = 0x2;
    private static final int IFF_NO_PI = 0x1000;
    private static final int NAME_BYTES = 16;
    private static final int REQUEST_BYTES = 40;

    /** What keeps us from making one, in words for people; nothing if it works. One is tried and given back. */
    static Optional<String> obstacle() {
        try {
            int unused = Kernel.close(open("probe").descriptor);
            return Optional.empty();
        } catch (LastErrorException e) {
            return Optional.of("/dev/net/tun cannot be used (" + e.getMessage() + ")");
        }
    }

    static TapDevice open(String name) {
        int descriptor = Kernel.open("/dev/net/tun", Kernel.O_RDWR | Kernel.O_CLOEXEC);
        byte[] request = new byte[REQUEST_BYTES];
        byte[] letters = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(letters, 0, request, 0, letters.length);
        int flags = IFF_TAP | IFF_NO_PI;
        request[NAME_BYTES] = (byte) flags;
        request[NAME_BYTES + 1] = (byte) (flags >> 8);
        try {
            int unused = Kernel.ioctl(descriptor, TUNSETIFF, request);
            return new TapDevice(descriptor);
        } catch (LastErrorException e) {
            int unused = Kernel.close(descriptor);
            throw e;
        }
    }

    @Override
    public int read(byte[] into) throws IOException {
        try {
            return (int) Kernel.read(descriptor, into, into.length);
        } catch (LastErrorException e) {
            throw new IOException("cannot read packets: " + e.getMessage(), e);
        }
    }

    @Override
    public void write(byte[] frame) throws IOException {
        try {
            long unused = Kernel.write(descriptor, frame, frame.length);
        } catch (LastErrorException e) {
            throw new IOException("cannot send packets: " + e.getMessage(), e);
        }
    }
}

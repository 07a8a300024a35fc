package io.axolotl.server.launch;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/**
 * The calls of the C library that Java has no words for; their meaning and their numbers are those of Linux on 64-bit
 * machines. Initializing this class loads native code.
 *
 * <p>Safe for all threads.
 */
final class LibC {
    static final int AF_UNIX = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_NOSIGNAL = 0x4000;

    static {
        // JNA unpacks its own library at the home of the user, whom a service may run without one.
        if (System.getProperty("jna.tmpdir") == null) {
            System.setProperty("jna.tmpdir", System.getProperty("java.io.tmpdir", "/tmp"));
        }
        Native.register(LibC.class, Platform.C_LIBRARY_NAME);
    }

    private LibC() {}

    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    /** @return how many bytes were sent */
    static native long sendto(int socket, byte[] message, long bytes, int flags, byte[] address, int addressBytes)
            throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;

    /** @param handler null for the system's own action */
    static native @org.jspecify.annotations.Nullable Pointer signal(
            int signal, @org.jspecify.annotations.Nullable Pointer handler) throws LastErrorException;

    static native int kill(int process, int signal) throws LastErrorException;
}

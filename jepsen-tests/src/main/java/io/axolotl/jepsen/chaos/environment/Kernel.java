package io.axolotl.jepsen.chaos.environment;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The calls of the C library that Java has no words for; meaning and numbers are those of Linux on 64-bit machines. Initializing
 * this class loads native code.
 *
 * <p>Safe for all threads.
 */
final class Kernel {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;

    static {
        Native.register(Kernel.class, Platform.C_LIBRARY_NAME);
    }

    private Kernel() {}

    static native int open(String path, int flags) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;

    /** @param argument in and out */
    static native int ioctl(int descriptor, long request, byte[] argument) throws LastErrorException;

    /** @return how many bytes were read */
    static native long read(int descriptor, byte[] into, long bytes) throws LastErrorException;

    /** @return how many bytes were written */
    static native long write(int descriptor, byte[] from, long bytes) throws LastErrorException;
}

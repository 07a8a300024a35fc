package io.axolotl.storage.mvcc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hash behind the rolling digest: 64 bits, eight bytes a step, one multiplication on the way from one step to the
 * next (the round of xxHash64). Each step is a bijection of the hash so far and of the word, so what has once become
 * different stays different under equal input, and two inputs that differ in one word never meet.
 *
 * <p>It guards against mistakes, not against an enemy. Part of the meaning of the log: members must agree on it, so it is
 * never changed but by an entry that says so. Stateless; safe for all threads.
 */
public final class HistoryHash {
    /** The digest before the first entry. */
    static final long START = 0x61786f6c6f746c31L;

    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final int TURN = 31;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private HistoryHash() {}

    public static long fold(long hash, long word) {
        return Long.rotateLeft(hash + word * PRIME_2, TURN) * PRIME_1;
    }

    /** The length first, so that bytes that follow each other cannot be cut elsewhere and look the same. */
    public static long fold(long hash, byte[] bytes) {
        long folded = fold(hash, bytes.length);
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            folded = fold(folded, (long) LONGS.get(bytes, at));
        }
        if (at < bytes.length) {
            long rest = 0;
            for (int i = bytes.length - 1; i >= at; i--) {
                rest = (rest << Byte.SIZE) | (bytes[i] & 0xff);
            }
            folded = fold(folded, rest);
        }
        return folded;
    }
}

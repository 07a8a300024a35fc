package io.axolotl.storage.bytes;

import java.util.Arrays;

/**
 * Reads the forms of this package from an array that may hold anything: whatever it holds, a call returns a value or
 * raises {@link MalformedBytesException}, and allocates no more than the array is long.
 *
 * <p>Confined to one thread.
 */
public final class ByteSource {
    private final byte[] in;
    private int at;

    public ByteSource(byte[] in) {
        this(in, 0);
    }

    /** Reads from {@code start} on. */
    public ByteSource(byte[] in, int start) {
        this.in = in;
        this.at = start;
    }

    /** Bytes not read yet. */
    public int remaining() {
        return in.length - at;
    }

    /** One byte, 0 to 255. */
    public int u8() {
        need(1);
        return in[at++] & 0xff;
    }

    public int i32() {
        need(Integer.BYTES);
        int value = getInt(in, at);
        at += Integer.BYTES;
        return value;
    }

    public long i64() {
        need(Long.BYTES);
        long value = getLong(in, at);
        at += Long.BYTES;
        return value;
    }

    /** An unsigned number; only the shortest form of each is accepted, so that equal values have equal bytes. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = u8();
            if (shift == 63 && b > 1) {
                throw new MalformedBytesException("a varint is wider than 64 bits");
            }
            value |= (long) (b & 0x7f) << shift;
            if ((b & 0x80) == 0) {
                if (b == 0 && shift > 0) {
                    throw new MalformedBytesException("a varint is longer than it needs to be");
                }
                return value;
            }
        }
        throw new MalformedBytesException("a varint does not end");
    }

    /** A varint that is an int of 0 or more. */
    public int varint32() {
        long value = varint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new MalformedBytesException("a number of " + Long.toUnsignedString(value) + " where 31 bits belong");
        }
        return (int) value;
    }

    public long zigzag() {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A varint that counts things of at least one byte each: it cannot be larger than what remains. */
    public int count() {
        long count = varint();
        if (count < 0 || count > remaining()) {
            throw new MalformedBytesException(
                    "a count of " + Long.toUnsignedString(count) + " where " + remaining() + " bytes remain");
        }
        return (int) count;
    }

    /** A length and that many bytes, copied. */
    public byte[] bytes() {
        return raw(count());
    }

    /** The next {@code length} bytes, copied. */
    public byte[] raw(int length) {
        need(length);
        byte[] value = Arrays.copyOfRange(in, at, at + length);
        at += length;
        return value;
    }

    /** @throws MalformedBytesException if bytes are left over */
    public void end() {
        if (at != in.length) {
            throw new MalformedBytesException(remaining() + " bytes are left over");
        }
    }

    private void need(int bytes) {
        if (bytes > in.length - at) {
            throw new MalformedBytesException("cut short: " + bytes + " bytes wanted, " + remaining() + " remain");
        }
    }

    public static int getInt(byte[] in, int at) {
        return ((in[at] & 0xff) << 24) | ((in[at + 1] & 0xff) << 16) | ((in[at + 2] & 0xff) << 8) | (in[at + 3] & 0xff);
    }

    public static long getLong(byte[] in, int at) {
        return ((long) getInt(in, at) << 32) | (getInt(in, at + 4) & 0xffffffffL);
    }
}

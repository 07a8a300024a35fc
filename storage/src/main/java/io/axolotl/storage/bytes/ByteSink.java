package io.axolotl.storage.bytes;

/**
 * Writes the forms of this package one after the other, or only counts how many bytes they would take.
 *
 * <p>Confined to one thread.
 */
public final class ByteSink {
    private static final byte[] COUNTING = {};

    private final byte[] out;
    private final boolean isCounting;
    private int at;

    private ByteSink(byte[] out, boolean isCounting) {
        this.out = out;
        this.isCounting = isCounting;
    }

    /** A sink that keeps nothing but {@link #count()}. */
    public static ByteSink counting() {
        return new ByteSink(COUNTING, true);
    }

    /** A sink that fills a new array of exactly {@code sizeBytes}. */
    public static ByteSink ofSize(int sizeBytes) {
        return new ByteSink(new byte[sizeBytes], false);
    }

    /** Bytes written or counted so far. */
    public int count() {
        return at;
    }

    /**
     * The filled array.
     *
     * @throws AssertionError if it is not filled to the last byte: counting and writing walked different ways
     */
    public byte[] toArray() {
        if (isCounting || at != out.length) {
            throw new AssertionError("wrote " + at + " of " + out.length + " bytes");
        }
        return out;
    }

    /** The low eight bits of {@code value}. */
    public void u8(int value) {
        if (!isCounting) {
            out[at] = (byte) value;
        }
        at++;
    }

    /** Four bytes, big-endian. */
    public void i32(int value) {
        if (!isCounting) {
            putInt(out, at, value);
        }
        at += Integer.BYTES;
    }

    /** Eight bytes, big-endian. */
    public void i64(long value) {
        if (!isCounting) {
            putLong(out, at, value);
        }
        at += Long.BYTES;
    }

    /** An unsigned number in one to ten bytes. */
    public void varint(long value) {
        if (isCounting) {
            at += varintSize(value);
            return;
        }
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
    }

    /** A signed number, small when near zero on either side. */
    public void zigzag(long value) {
        varint((value << 1) ^ (value >> 63));
    }

    /** A length as a varint, then that many bytes. */
    public void bytes(byte[] value) {
        varint(value.length);
        raw(value);
    }

    /** The bytes alone; the reader must know how many. */
    public void raw(byte[] value) {
        if (!isCounting) {
            System.arraycopy(value, 0, out, at, value.length);
        }
        at += value.length;
    }

    /** Bytes that {@link #varint} takes for this value. */
    public static int varintSize(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    /** Four bytes, big-endian, at a place of an array. */
    public static void putInt(byte[] out, int at, int value) {
        out[at] = (byte) (value >>> 24);
        out[at + 1] = (byte) (value >>> 16);
        out[at + 2] = (byte) (value >>> 8);
        out[at + 3] = (byte) value;
    }

    /** Eight bytes, big-endian, at a place of an array. */
    public static void putLong(byte[] out, int at, long value) {
        putInt(out, at, (int) (value >>> 32));
        putInt(out, at + 4, (int) value);
    }
}

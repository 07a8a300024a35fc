package io.axolotl.client;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A byte string: key, value, or bound of a range. Ordered bytewise, unsigned, as the store orders keys (MV-7). Immutable.
 */
public final class Bytes implements Comparable<Bytes> {
    /** No bytes. As a value it is legal, as a key it is not. */
    public static final Bytes EMPTY = new Bytes(ByteString.EMPTY);

    /** The single byte 0: as the end of a range "no end", as its start "from the first key" (RG-2). */
    static final Bytes ZERO_BYTE = copyOf(new byte[1]);

    private final ByteString content;

    private Bytes(ByteString content) {
        this.content = content;
    }

    /** The UTF-8 form of a text. */
    public static Bytes of(String text) {
        return new Bytes(ByteString.copyFromUtf8(text));
    }

    /** The bytes of an array, which stays the caller's. */
    public static Bytes copyOf(byte[] content) {
        return new Bytes(ByteString.copyFrom(content));
    }

    static Bytes wrap(ByteString content) {
        return content.isEmpty() ? EMPTY : new Bytes(content);
    }

    ByteString unwrap() {
        return content;
    }

    /** A part of an array, which stays the caller's. */
    public static Bytes copyOf(byte[] content, int offset, int length) {
        return wrap(ByteString.copyFrom(content, offset, length));
    }

    /** These bytes and then those. */
    public Bytes plus(Bytes more) {
        return wrap(content.concat(more.content));
    }

    /** These bytes and then the UTF-8 form of a text. */
    public Bytes plus(String more) {
        return plus(of(more));
    }

    /**
     * The bytes {@code [from, to)}, which are not copied.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= from <= to <= size}
     */
    public Bytes slice(int from, int to) {
        return wrap(content.substring(from, to));
    }

    public int size() {
        return content.size();
    }

    public boolean isEmpty() {
        return content.isEmpty();
    }

    public byte[] toByteArray() {
        return content.toByteArray();
    }

    /** The content read as UTF-8; bytes that are not UTF-8 come out as U+FFFD, so this is for texts only. */
    public String utf8() {
        return content.toString(StandardCharsets.UTF_8);
    }

    public boolean startsWith(Bytes prefix) {
        return content.startsWith(prefix.content);
    }

    /**
     * The smallest byte string above all that start with this one: trailing 0xff bytes are dropped and the byte before them
     * goes up by one. Nothing is above a string of 0xff only (or the empty one); then the answer is the 0 byte, which ends
     * a range nowhere (RG-2).
     */
    Bytes prefixEnd() {
        byte[] end = content.toByteArray();
        int last = end.length - 1;
        while (last >= 0 && end[last] == (byte) 0xff) {
            last--;
        }
        if (last < 0) {
            return ZERO_BYTE;
        }
        end[last]++;
        return new Bytes(ByteString.copyFrom(end, 0, last + 1));
    }

    @Override
    public int compareTo(Bytes other) {
        return ByteString.unsignedLexicographicalComparator().compare(content, other.content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && content.equals(bytes.content);
    }

    @Override
    public int hashCode() {
        return content.hashCode();
    }

    /** For people: the text if the content is UTF-8, else {@code 0x} and hexadecimal digits. */
    @Override
    public String toString() {
        return content.isValidUtf8() ? utf8() : "0x" + HexFormat.of().formatHex(toByteArray());
    }
}

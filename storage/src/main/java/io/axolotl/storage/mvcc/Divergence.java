package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;

/**
 * Where the history of this member and that of others part, as far as is known: they agree through one index and do not
 * from the other on. Immutable.
 *
 * @param agreedIndex the last index at which the digests are known to be equal; 0 if none is
 * @param differsIndex an index at which they are known to differ
 */
public record Divergence(long agreedIndex, long differsIndex) {
    private static final int SIZE_BYTES = 2 * Long.BYTES;

    public Divergence {
        if (agreedIndex < 0 || differsIndex <= agreedIndex) {
            throw new IllegalArgumentException(
                    "histories cannot agree at " + agreedIndex + " and differ at " + differsIndex);
        }
    }

    /** "1025 to 1088": the entries among which the first is whose application went differently. */
    public String range() {
        return (agreedIndex + 1) + " to " + differsIndex;
    }

    /** Whether every entry of the other's range is in this one. */
    public boolean contains(Divergence other) {
        return agreedIndex <= other.agreedIndex && other.differsIndex <= differsIndex;
    }

    byte[] encode() {
        byte[] out = new byte[SIZE_BYTES];
        ByteSink.putLong(out, 0, agreedIndex);
        ByteSink.putLong(out, Long.BYTES, differsIndex);
        return out;
    }

    /** @throws StoreDamagedException if these are not the bytes of one */
    static Divergence decode(byte[] bytes) {
        if (bytes.length == SIZE_BYTES) {
            try {
                return new Divergence(ByteSource.getLong(bytes, 0), ByteSource.getLong(bytes, Long.BYTES));
            } catch (IllegalArgumentException e) {
                throw new StoreDamagedException("its mark of divergence cannot be: " + e.getMessage(), e);
            }
        }
        throw new StoreDamagedException("its mark of divergence has " + bytes.length + " bytes");
    }
}

package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;

/**
 * Whose state this is, and how much of it that member has not applied itself but copied from another. What was copied says
 * nothing about whether the entries were applied rightly: it repeats what its source says. Immutable.
 *
 * @param memberId the member that this state lives on
 * @param copiedThrough the last entry whose effects were copied; 0 if all was applied here
 */
record Provenance(long memberId, long copiedThrough) {
    private static final int SIZE_BYTES = 2 * Long.BYTES;

    Provenance {
        if (copiedThrough < 0) {
            throw new IllegalArgumentException("nothing can have been copied through entry " + copiedThrough);
        }
    }

    byte[] encode() {
        byte[] out = new byte[SIZE_BYTES];
        ByteSink.putLong(out, 0, memberId);
        ByteSink.putLong(out, Long.BYTES, copiedThrough);
        return out;
    }

    /** @throws StoreDamagedException if these are not the bytes of one */
    static Provenance decode(byte[] bytes) {
        if (bytes.length != SIZE_BYTES || ByteSource.getLong(bytes, Long.BYTES) < 0) {
            throw new StoreDamagedException("the record of whose it is cannot be");
        }
        return new Provenance(ByteSource.getLong(bytes, 0), ByteSource.getLong(bytes, Long.BYTES));
    }
}

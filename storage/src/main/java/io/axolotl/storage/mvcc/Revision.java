package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;

/**
 * Names one change: the store's revision, and its place among the changes of that revision (MV-2). Immutable.
 *
 * @param main at least 2 for a change; 0 in {@link #NONE}
 * @param sub counts the changes of one revision from 0
 */
record Revision(long main, int sub) implements Comparable<Revision> {
    /** No change at all. */
    static final Revision NONE = new Revision(0, 0);

    /** Length of {@link #toKey} in bytes. */
    static final int KEY_BYTES = 12;

    boolean isNone() {
        return main == 0;
    }

    /** The key of this change in {@code rev}: main (8 B) and sub (4 B), big-endian, so that keys sort as revisions. */
    byte[] toKey() {
        return key(main, sub);
    }

    static byte[] key(long main, int sub) {
        byte[] key = new byte[KEY_BYTES];
        ByteSink.putLong(key, 0, main);
        ByteSink.putInt(key, 8, sub);
        return key;
    }

    static Revision ofKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new StoreDamagedException("a key of rev has " + key.length + " bytes instead of " + KEY_BYTES);
        }
        return new Revision(ByteSource.getLong(key, 0), ByteSource.getInt(key, 8));
    }

    @Override
    public int compareTo(Revision other) {
        int byMain = Long.compare(main, other.main);
        return byMain != 0 ? byMain : Integer.compare(sub, other.sub);
    }

    @Override
    public String toString() {
        return main + "/" + sub;
    }
}

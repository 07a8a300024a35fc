package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;

/**
 * The way back through the versions of one key, in as many steps as the logarithm of their number.
 *
 * <p>This is the skew-binary random access list (E. W. Myers, "An applicative random-access stack", 1983). The versions of
 * a key form a list, newest first, cut into perfect trees of 1, 3, 7, … versions, the smallest first; only the first two
 * may be of equal size. The root of a tree is its newest version. Every version's <em>jump</em> is the root of the tree
 * that followed its own when it was written. A new version becomes a tree of one; but if the first two trees are of equal
 * size it becomes the root above both, and jumps past both. Walking back to a revision takes the jump if it does not
 * overshoot, else the previous version.
 *
 * <p>The roots are kept in the key's {@code idx} record, so that a new version finds its jump without reading history.
 * Roots at or below the compaction floor are cut off: no read will look for them.
 *
 * <p>Immutable.
 */
final class JumpStack {
    static final JumpStack EMPTY = new JumpStack(new long[0], new int[0], new byte[0]);

    /** Trees above this level would hold more versions than there are revisions. */
    private static final int MAX_LEVEL = 62;

    private final long[] mains;
    private final int[] subs;
    /** A tree of level k holds 2^(k+1) - 1 versions. */
    private final byte[] levels;

    private JumpStack(long[] mains, int[] subs, byte[] levels) {
        this.mains = mains;
        this.subs = subs;
        this.levels = levels;
    }

    int size() {
        return mains.length;
    }

    /** Where the newest version jumps to: its place is the second root. {@link Revision#NONE} if there is none. */
    Revision jump() {
        return mains.length < 2 ? Revision.NONE : new Revision(mains[1], subs[1]);
    }

    /**
     * The stack with a new version on top.
     *
     * @param floor roots of this main revision or below are cut off first
     */
    JumpStack push(long main, int sub, long floor) {
        int kept = mains.length;
        while (kept > 0 && mains[kept - 1] <= floor) {
            kept--;
        }
        boolean joins = kept >= 2 && levels[0] == levels[1];
        int dropped = joins ? 2 : 0;
        int size = kept - dropped + 1;
        long[] newMains = new long[size];
        int[] newSubs = new int[size];
        byte[] newLevels = new byte[size];
        newMains[0] = main;
        newSubs[0] = sub;
        newLevels[0] = (byte) (joins ? levels[0] + 1 : 0);
        System.arraycopy(mains, dropped, newMains, 1, size - 1);
        System.arraycopy(subs, dropped, newSubs, 1, size - 1);
        System.arraycopy(levels, dropped, newLevels, 1, size - 1);
        return new JumpStack(newMains, newSubs, newLevels);
    }

    /** The top is not written: it is the record's own revision. Roots are written as distances from the one before. */
    void write(ByteSink out) {
        out.u8(mains.length - 1);
        out.u8(levels[0]);
        for (int i = 1; i < mains.length; i++) {
            out.u8(levels[i]);
            out.varint(mains[i - 1] - mains[i]);
            out.varint(subs[i]);
        }
    }

    static JumpStack read(ByteSource in, long main, int sub) {
        int size = in.u8() + 1;
        long[] mains = new long[size];
        int[] subs = new int[size];
        byte[] levels = new byte[size];
        mains[0] = main;
        subs[0] = sub;
        levels[0] = level(in);
        for (int i = 1; i < size; i++) {
            levels[i] = level(in);
            mains[i] = mains[i - 1] - in.varint();
            subs[i] = in.varint32();
            if (mains[i] <= 0 || mains[i] > mains[i - 1]) {
                throw new MalformedBytesException("a jump leads to revision " + mains[i]);
            }
        }
        return new JumpStack(mains, subs, levels);
    }

    private static byte level(ByteSource in) {
        int level = in.u8();
        if (level > MAX_LEVEL) {
            throw new MalformedBytesException("a tree of level " + level);
        }
        return (byte) level;
    }
}

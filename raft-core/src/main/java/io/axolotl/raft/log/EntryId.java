package io.axolotl.raft.log;

/**
 * Names one entry of one log: its term and its index. Two logs that hold an entry of the same id hold the same
 * entries up to it (Log Matching, Raft §5.3). The first entry of a log has index 1; {@link #ZERO} stands before it.
 *
 * <p>The natural order is the one votes are decided by (Raft §5.4.1): term first, then index.
 *
 * <p>Immutable.
 */
public record EntryId(long term, long index) implements Comparable<EntryId> {
    /** The place before the first entry of an empty log. */
    public static final EntryId ZERO = new EntryId(0, 0);

    public EntryId {
        if (term < 0 || index < 0) {
            throw new IllegalArgumentException("term and index start at 0, got " + term + "." + index);
        }
    }

    @Override
    public int compareTo(EntryId other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : Long.compare(index, other.index);
    }

    /** Written {@code term.index}, as scenarios write it. */
    @Override
    public String toString() {
        return term + "." + index;
    }
}

package io.axolotl.raft.membership;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every membership from the newest snapshot to the end of the log, by the index that brought it. The last one is in
 * force, committed or not; cutting the log's suffix brings back the one before (pitfall 34).
 *
 * <p>Never empty. Confined to the driver thread.
 */
public final class MembershipHistory {
    private final TreeMap<Long, Membership> byIndex = new TreeMap<>();
    private JointQuorum quorum;

    /** @param index of the snapshot that {@code base} comes from, 0 before any */
    public MembershipHistory(long index, Membership base) {
        byIndex.put(index, base);
        quorum = new JointQuorum(base);
    }

    /** The membership in force. */
    public Membership current() {
        return byIndex.lastEntry().getValue();
    }

    /** The entry or snapshot that brought {@link #current()}. */
    public long currentIndex() {
        return byIndex.lastKey();
    }

    /** The membership before {@link #current()}, or null if it is forgotten. */
    public @Nullable Membership previous() {
        Map.Entry<Long, Membership> before = byIndex.lowerEntry(byIndex.lastKey());
        return before == null ? null : before.getValue();
    }

    /** What entries of {@code (afterIndex, toIndex]} have brought, by index. */
    public NavigableMap<Long, Membership> between(long afterIndex, long toIndex) {
        return Collections.unmodifiableNavigableMap(byIndex.subMap(afterIndex, false, toIndex, true));
    }

    /** The one rule for "enough" under {@link #current()}. */
    public JointQuorum quorum() {
        return quorum;
    }

    /**
     * The membership as of {@code index}: what a snapshot of that index has to store (pitfall 39).
     *
     * @throws IllegalArgumentException if index lies before the base
     */
    public Membership asOf(long index) {
        Map.Entry<Long, Membership> found = byIndex.floorEntry(index);
        if (found == null) {
            throw new IllegalArgumentException(
                    "the membership as of " + index + " is forgotten, the oldest known is of " + byIndex.firstKey());
        }
        return found.getValue();
    }

    /** An entry that carries a membership was appended at {@code index}, behind all that were appended before. */
    public void append(long index, Membership membership) {
        if (index <= byIndex.lastKey()) {
            throw new AssertionError("membership of entry " + index + " appended behind that of " + byIndex.lastKey());
        }
        byIndex.put(index, membership);
        quorum = new JointQuorum(membership);
    }

    /**
     * The log's entries from {@code fromIndex} on were cut. The base stays: it is committed.
     *
     * @return whether another membership is in force now
     */
    public boolean truncateSuffix(long fromIndex) {
        long before = currentIndex();
        while (byIndex.size() > 1 && byIndex.lastKey() >= fromIndex) {
            byIndex.pollLastEntry();
        }
        if (currentIndex() == before) {
            return false;
        }
        quorum = new JointQuorum(current());
        return true;
    }

    /** A snapshot of {@code index} exists: what it holds is the new base, older ones are forgotten. */
    public void rebase(long index) {
        Membership base = asOf(index);
        byIndex.headMap(index, true).clear();
        byIndex.put(index, base);
    }

    /** A snapshot has replaced the whole log. */
    public void reset(long index, Membership base) {
        byIndex.clear();
        byIndex.put(index, base);
        quorum = new JointQuorum(base);
    }

    /**
     * Whether {@code node} may stand for election. A voter may. So may a node that the membership in force leaves out,
     * as long as it votes in the last committed one: it may be needed until the change is committed (thesis §4.2.2,
     * pitfall 21).
     */
    public boolean mayCampaign(NodeId node, long commitIndex) {
        return current().isVoter(node) || asOf(commitIndex).isVoter(node);
    }
}

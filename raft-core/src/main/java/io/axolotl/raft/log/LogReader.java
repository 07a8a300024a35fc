package io.axolotl.raft.log;

import java.util.List;

/**
 * The persisted part of the log, as the core reads it. Implemented by the write-ahead log. The core keeps the recent
 * tail in memory and comes here for older entries only: to bring a slow follower forward and to replay after a start.
 *
 * <p>The core asks only for entries whose sync has been reported to it ({@link io.axolotl.raft.Input.Persisted}) and
 * that it has not cut since; an implementation need not answer for others. Called from the driver thread while another
 * thread may be appending. May raise the log's damage exception, which stops the node.
 */
public interface LogReader {
    /**
     * The id just before the first entry that can be read: that of the last entry that was cut off by
     * {@code truncatePrefix}, or {@link EntryId#ZERO}.
     */
    EntryId previous();

    /** The id of the last entry, or {@link #previous()} if there is none. */
    EntryId last();

    /**
     * The term of the entry at {@code index}. Must not touch the disk.
     *
     * @throws IllegalArgumentException if index is outside {@code [previous().index(), last().index()]}
     */
    long term(long index);

    /**
     * Entries {@code [fromIndex, toIndexExclusive)}, cut off after the first entry that makes their sum of
     * {@link Entry#sizeBytes()} reach {@code maxBytes}; at least one entry.
     *
     * @throws IllegalArgumentException if the range is empty or not wholly inside
     *     {@code (previous().index(), last().index()]}
     */
    List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes);

    /**
     * Every entry of kind {@link Entry.Kind#MEMBERSHIP} after {@link #previous()}, in order. Asked once, at start, since
     * a membership is in force from the moment it is appended (pitfall 34). Must not touch the disk.
     */
    List<Entry> membershipEntries();
}

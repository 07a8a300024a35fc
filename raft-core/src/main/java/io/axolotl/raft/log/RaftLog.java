package io.axolotl.raft.log;

import java.util.ArrayList;
import java.util.List;

/**
 * One node's log: what {@link LogReader} holds, and behind it the tail in memory. Decides nothing about the protocol but
 * holds to its borders: nothing committed is ever cut, nothing past the end is ever committed.
 *
 * <p>{@code previous().index() <= commitIndex() <= last().index()}, {@code durableIndex() <= last().index()}. Confined
 * to the driver thread.
 */
public final class RaftLog {
    /**
     * What {@link #adopt} changed.
     *
     * @param firstNewIndex index of the first entry that was appended, one past the end if none was
     * @param cutFrom first index that was cut, 0 if none was
     * @param cutTo last index that was cut, 0 if none was
     */
    public record Adoption(long firstNewIndex, long cutFrom, long cutTo) {
        public boolean hasCut() {
            return cutFrom != 0;
        }
    }

    private final LogReader reader;
    private final long maxCachedBytes;
    private final long maxReadBytes;
    private final UnstableLog tail;

    private EntryId previous;
    private EntryId last;
    private long epoch;

    /** Last index handed out by {@link #takeUnpersisted}; {@code durableIndex <= givenIndex <= last}. */
    private long givenIndex;

    private long durableIndex;
    private long commitIndex;

    /** Up to here entries are durable and committed, so they may leave memory. */
    private long settledIndex;

    /** Bytes of the entries in memory up to {@link #settledIndex}. */
    private long cachedBytes;

    /** Bytes of the entries in memory after {@link #commitIndex}. */
    private long uncommittedBytes;

    /**
     * @param reader all that it holds is durable
     * @param commitIndex known to be committed, inside {@code [reader.previous().index(), reader.last().index()]}
     * @param maxCachedBytes how much of what is durable and committed stays in memory
     * @param maxReadBytes how much is read through {@code reader} at once
     */
    public RaftLog(LogReader reader, long commitIndex, long maxCachedBytes, long maxReadBytes) {
        this.reader = reader;
        this.maxCachedBytes = maxCachedBytes;
        this.maxReadBytes = maxReadBytes;
        previous = reader.previous();
        last = reader.last();
        tail = new UnstableLog(last.index() + 1);
        givenIndex = last.index();
        durableIndex = last.index();
        if (commitIndex < previous.index() || commitIndex > last.index()) {
            throw new IllegalArgumentException("commit index " + commitIndex
                    + " is outside of the log, which reaches from " + previous + " to " + last);
        }
        this.commitIndex = commitIndex;
        settledIndex = commitIndex;
    }

    /** The entry just before the first one: the last that was cut off or that a snapshot stands for. */
    public EntryId previous() {
        return previous;
    }

    /** The last entry, or {@link #previous()} if there is none. */
    public EntryId last() {
        return last;
    }

    public long lastIndex() {
        return last.index();
    }

    /** The first entry that is still held, or {@link EntryId#ZERO} if none is. */
    public EntryId first() {
        long index = previous.index() + 1;
        return index > last.index() ? EntryId.ZERO : new EntryId(term(index), index);
    }

    public long commitIndex() {
        return commitIndex;
    }

    /** Last index that is known to be synced on this node. */
    public long durableIndex() {
        return durableIndex;
    }

    /** Counts the cuts of the suffix and the resets of this object's life. */
    public long epoch() {
        return epoch;
    }

    /** What entries after the commit index weigh, as far as they came in this object's life. */
    public long uncommittedBytes() {
        return uncommittedBytes;
    }

    /** @throws IllegalArgumentException if index is outside {@code [previous().index(), last().index()]} */
    public long term(long index) {
        if (index < previous.index() || index > last.index()) {
            throw new IllegalArgumentException(
                    "no term at index " + index + " of a log from " + previous + " to " + last);
        }
        if (index == previous.index()) {
            return previous.term();
        }
        if (index == last.index()) {
            return last.term();
        }
        return index >= tail.firstIndex() ? tail.get(index).term() : reader.term(index);
    }

    /** Whether this log holds {@code id}, the border at {@link #previous()} included (pitfall 40). */
    public boolean contains(EntryId id) {
        return id.index() >= previous.index() && id.index() <= last.index() && term(id.index()) == id.term();
    }

    /**
     * The largest index in {@code [previous().index(), upToIndex]} whose term is at most {@code term}, or {@code
     * previous().index() - 1} if there is none. Terms never fall along a log, so two nodes that look for a common entry
     * skip a whole term with each question (Raft §5.3, end).
     */
    public long lastIndexOfTermAtMost(long term, long upToIndex) {
        long low = previous.index() - 1;
        long high = Math.min(upToIndex, last.index());
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (term(middle) <= term) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Appends an entry of this node's own, which leads. */
    public void append(Entry entry) {
        if (entry.index() != last.index() + 1 || entry.term() < last.term()) {
            throw new AssertionError("entry " + entry.id() + " cannot follow " + last);
        }
        tail.append(entry);
        last = entry.id();
        uncommittedBytes += entry.sizeBytes();
    }

    /**
     * Takes the leader's entries that follow {@code slice.previous()}, which this log must contain. Entries already
     * present are kept; the first conflict cuts our suffix, since the leader's log wins (Raft §5.3). Re-delivered or
     * reordered requests are harmless: a shorter slice never cuts entries that match (pitfall 11). A conflict at or below
     * the commit index breaks Leader Completeness and stops the node (pitfall 12).
     */
    public Adoption adopt(LogSlice slice) {
        if (!contains(slice.previous())) {
            throw new IllegalArgumentException("the log does not contain " + slice.previous());
        }
        List<Entry> entries = slice.entries();
        int present = 0;
        while (present < entries.size() && contains(entries.get(present).id())) {
            present++;
        }
        long cutFrom = 0;
        long cutTo = 0;
        if (present < entries.size() && entries.get(present).index() <= last.index()) {
            cutFrom = entries.get(present).index();
            cutTo = last.index();
            truncateSuffix(cutFrom, entries.get(present).id());
        }
        long firstNewIndex = slice.previous().index() + present + 1;
        for (int i = present; i < entries.size(); i++) {
            append(entries.get(i));
        }
        return new Adoption(firstNewIndex, cutFrom, cutTo);
    }

    private void truncateSuffix(long fromIndex, EntryId leaderHas) {
        if (fromIndex <= commitIndex) {
            throw new AssertionError("the leader has " + leaderHas + " where this node knows "
                    + new EntryId(term(fromIndex), fromIndex) + " to be committed (commit index " + commitIndex
                    + "): committed entries must never change; stopping to keep them");
        }
        EntryId newLast = new EntryId(term(fromIndex - 1), fromIndex - 1);
        if (fromIndex <= tail.firstIndex()) {
            tail.reset(fromIndex);
            uncommittedBytes = 0;
        }
        while (tail.endIndex() > fromIndex) {
            uncommittedBytes -= tail.removeLast().sizeBytes();
        }
        last = newLast;
        givenIndex = Math.min(givenIndex, newLast.index());
        durableIndex = Math.min(durableIndex, newLast.index());
        epoch++;
    }

    /** @return whether the commit index has moved; it never falls */
    public boolean commitTo(long index) {
        if (index <= commitIndex) {
            return false;
        }
        if (index > last.index()) {
            throw new AssertionError("index " + index + " cannot be committed in a log that ends at " + last);
        }
        for (long i = Math.max(commitIndex + 1, tail.firstIndex()); i <= index; i++) {
            uncommittedBytes -= tail.get(i).sizeBytes();
        }
        commitIndex = index;
        settle();
        return true;
    }

    /**
     * A sync has ended that made the log durable through {@code lastEntry}, as the log was in {@code writtenInEpoch}.
     * Says nothing about entries that were appended since the suffix was cut (pitfall 15).
     */
    public void persisted(long writtenInEpoch, EntryId lastEntry) {
        if (writtenInEpoch != epoch || lastEntry.index() <= durableIndex) {
            return;
        }
        if (lastEntry.index() > givenIndex) {
            throw new IllegalArgumentException(
                    "entry " + lastEntry + " was reported synced, but entries were given out through " + givenIndex);
        }
        durableIndex = lastEntry.index();
        settle();
    }

    public boolean hasUnpersisted() {
        return givenIndex < last.index();
    }

    /** Entries that were appended since the last call, to be written in this order. */
    public List<Entry> takeUnpersisted() {
        if (!hasUnpersisted()) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>(Math.toIntExact(last.index() - givenIndex));
        for (long i = givenIndex + 1; i <= last.index(); i++) {
            entries.add(tail.get(i));
        }
        givenIndex = last.index();
        return entries;
    }

    /**
     * Entries from {@code fromIndex} on, at most through {@code toIndex}: no more than {@code maxEntries} and {@code
     * maxBytes}, but at least one. May end earlier where memory begins.
     *
     * @throws IllegalArgumentException if the range is empty or not wholly in the log
     */
    public List<Entry> entries(long fromIndex, long toIndex, int maxEntries, long maxBytes) {
        if (fromIndex <= previous.index() || fromIndex > toIndex || toIndex > last.index()) {
            throw new IllegalArgumentException(
                    "[" + fromIndex + ", " + toIndex + "] is not inside of a log from " + previous + " to " + last);
        }
        long end = Math.min(toIndex, fromIndex + maxEntries - 1) + 1;
        if (fromIndex < tail.firstIndex()) {
            end = Math.min(end, tail.firstIndex());
            return fitting(reader.entries(fromIndex, end, Math.min(maxBytes, maxReadBytes)), maxBytes);
        }
        List<Entry> entries = new ArrayList<>(Math.toIntExact(end - fromIndex));
        long bytes = 0;
        for (long i = fromIndex; i < end; i++) {
            Entry entry = tail.get(i);
            bytes += entry.sizeBytes();
            if (bytes > maxBytes && !entries.isEmpty()) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    /** A reader may give one entry too many; it is left for the next call. */
    private static List<Entry> fitting(List<Entry> entries, long maxBytes) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        return bytes > maxBytes && entries.size() > 1 ? entries.subList(0, entries.size() - 1) : entries;
    }

    /** Entries through {@code index}, which a durable snapshot stands for, are no longer held. */
    public void truncatePrefix(long index) {
        if (index <= previous.index()) {
            return;
        }
        if (index > settledIndex) {
            throw new IllegalArgumentException(
                    "the log must not be cut at " + index + ": only " + settledIndex + " is committed and durable");
        }
        previous = new EntryId(term(index), index);
        while (tail.firstIndex() <= index) {
            cachedBytes -= tail.removeFirst().sizeBytes();
        }
    }

    /** A durable snapshot that ends in {@code snapshotLast} has replaced the whole log. */
    public void reset(EntryId snapshotLast) {
        if (snapshotLast.index() < commitIndex) {
            throw new AssertionError("a snapshot of " + snapshotLast + " would take back commit index " + commitIndex);
        }
        previous = snapshotLast;
        last = snapshotLast;
        tail.reset(snapshotLast.index() + 1);
        givenIndex = snapshotLast.index();
        durableIndex = snapshotLast.index();
        commitIndex = snapshotLast.index();
        settledIndex = snapshotLast.index();
        cachedBytes = 0;
        uncommittedBytes = 0;
        epoch++;
    }

    /** Moves {@link #settledIndex} up and drops what the cache has no room for. */
    private void settle() {
        long border = Math.min(durableIndex, commitIndex);
        for (long i = Math.max(settledIndex + 1, tail.firstIndex()); i <= border; i++) {
            cachedBytes += tail.get(i).sizeBytes();
        }
        settledIndex = Math.max(settledIndex, border);
        while (cachedBytes > maxCachedBytes) {
            cachedBytes -= tail.removeFirst().sizeBytes();
        }
    }
}

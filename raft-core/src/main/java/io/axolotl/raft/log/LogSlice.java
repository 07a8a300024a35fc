package io.axolotl.raft.log;

import java.util.List;

/**
 * A run of entries together with the entry they follow: what a leader asks a follower to hold.
 *
 * <p>Well formed by construction: indices are contiguous from {@code previous.index() + 1}, terms never fall. Immutable.
 *
 * @param entries may be empty, then the slice only asks about {@code previous}
 */
public record LogSlice(EntryId previous, List<Entry> entries) {
    public LogSlice {
        entries = List.copyOf(entries);
        long index = previous.index();
        long term = previous.term();
        for (Entry entry : entries) {
            index++;
            if (entry.index() != index || entry.term() < term) {
                throw new IllegalArgumentException(
                        "entry " + entry.id() + " cannot stand at index " + index + " behind an entry of term " + term);
            }
            term = entry.term();
        }
    }

    /** The last entry, or {@link #previous()} if there are none: all that a matching follower then holds. */
    public EntryId last() {
        return entries.isEmpty() ? previous : entries.get(entries.size() - 1).id();
    }

    /**
     * The same slice without its entries up to and including {@code index}.
     *
     * @throws IllegalArgumentException if that leaves the slice without an entry to stand on: index must lie in
     *     {@code [previous.index(), last().index()]}
     */
    public LogSlice after(long index) {
        if (index < previous.index() || index > last().index()) {
            throw new IllegalArgumentException("index " + index + " is outside of " + previous + " to " + last());
        }
        int dropped = Math.toIntExact(index - previous.index());
        return dropped == 0
                ? this
                : new LogSlice(entries.get(dropped - 1).id(), entries.subList(dropped, entries.size()));
    }
}

package io.axolotl.raft.log;

import org.jspecify.annotations.Nullable;

/**
 * The tail of the log that is in memory: a run of entries with contiguous indices that grows at its end and shrinks at
 * both. Holds at least all that has not been persisted; which of the persisted entries stay is its owner's choice.
 *
 * <p>A ring buffer, so that the steady state of appending here and dropping there allocates nothing. Confined to the
 * driver thread.
 */
public final class UnstableLog {
    private @Nullable Entry[] ring = new Entry[16];
    private int head;
    private int size;
    private long firstIndex;

    /** @param firstIndex the index that the first appended entry will have */
    public UnstableLog(long firstIndex) {
        this.firstIndex = firstIndex;
    }

    /** Index of the first entry; if there is none, of the next one to be appended. */
    public long firstIndex() {
        return firstIndex;
    }

    /** One past the index of the last entry. */
    public long endIndex() {
        return firstIndex + size;
    }

    /** @throws IllegalArgumentException if index is outside {@code [firstIndex(), endIndex())} */
    public Entry get(long index) {
        if (index < firstIndex || index >= endIndex()) {
            throw new IllegalArgumentException(
                    "index " + index + " is outside of [" + firstIndex + ", " + endIndex() + ")");
        }
        Entry entry = ring[slot(Math.toIntExact(index - firstIndex))];
        if (entry == null) {
            throw new AssertionError("no entry in the slot of index " + index);
        }
        return entry;
    }

    /** @throws IllegalArgumentException if the entry does not continue the run */
    public void append(Entry entry) {
        if (entry.index() != endIndex()) {
            throw new IllegalArgumentException("entry " + entry.id() + " cannot follow index " + (endIndex() - 1));
        }
        if (size == ring.length) {
            grow();
        }
        ring[slot(size)] = entry;
        size++;
    }

    /** Removes the first entry and returns it. */
    public Entry removeFirst() {
        Entry first = get(firstIndex);
        ring[head] = null;
        head = slot(1);
        size--;
        firstIndex++;
        return first;
    }

    /** Removes the last entry and returns it. */
    public Entry removeLast() {
        Entry last = get(endIndex() - 1);
        size--;
        ring[slot(size)] = null;
        return last;
    }

    /** Forgets all entries; the next to be appended has {@code nextIndex}. */
    public void reset(long nextIndex) {
        while (size > 0) {
            removeLast();
        }
        firstIndex = nextIndex;
    }

    private int slot(int offset) {
        return (head + offset) & (ring.length - 1);
    }

    private void grow() {
        @Nullable Entry[] larger = new Entry[ring.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = ring[slot(i)];
        }
        ring = larger;
        head = 0;
    }
}

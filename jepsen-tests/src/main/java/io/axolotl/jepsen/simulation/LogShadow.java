package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import java.util.Arrays;
import java.util.List;

/**
 * The terms of one log, kept by the judge beside the log itself, so that it can be held against what the log says.
 *
 * <p>Holds indexes {@code (previous, last]}. Confined to the simulation's thread.
 */
final class LogShadow {
    private EntryId previous;
    private long[] terms;
    private int size;

    LogShadow(EntryId previous) {
        this.previous = previous;
        this.terms = new long[64];
    }

    static LogShadow of(LogReader log) {
        LogShadow shadow = new LogShadow(log.previous());
        for (long index = log.previous().index() + 1; index <= log.last().index(); index++) {
            shadow.add(log.term(index));
        }
        return shadow;
    }

    LogShadow copy() {
        LogShadow copy = new LogShadow(previous);
        copy.terms = terms.clone();
        copy.size = size;
        return copy;
    }

    /** Entries replace whatever stands at their indexes and after. */
    void append(List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        long first = entries.get(0).index();
        if (first <= previous.index() || first > lastIndex() + 1) {
            throw new InvariantViolation(
                    "I2 log without gaps",
                    "entries from " + first + " were given to a log that holds (" + previous + ", " + lastIndex()
                            + "]");
        }
        size = (int) (first - previous.index() - 1);
        for (Entry entry : entries) {
            add(entry.term());
        }
    }

    private void add(long term) {
        if (size == terms.length) {
            terms = Arrays.copyOf(terms, size * 2);
        }
        terms[size++] = term;
    }

    void truncatePrefix(long index) {
        if (index <= previous.index()) {
            return;
        }
        EntryId newPrevious = new EntryId(term(index), index);
        int cut = (int) (index - previous.index());
        size -= cut;
        System.arraycopy(terms, cut, terms, 0, size);
        previous = newPrevious;
    }

    void reset(EntryId snapshotLast) {
        previous = snapshotLast;
        size = 0;
    }

    EntryId previous() {
        return previous;
    }

    long lastIndex() {
        return previous.index() + size;
    }

    /** Whether {@code index} lies in {@code [previous, last]}. */
    boolean knows(long index) {
        return index >= previous.index() && index <= lastIndex();
    }

    /** @param index for which {@link #knows} holds */
    long term(long index) {
        return index == previous.index() ? previous.term() : terms[(int) (index - previous.index() - 1)];
    }

    @Override
    public String toString() {
        return "(" + previous + ", " + (size == 0 ? previous : new EntryId(term(lastIndex()), lastIndex())) + "]";
    }
}

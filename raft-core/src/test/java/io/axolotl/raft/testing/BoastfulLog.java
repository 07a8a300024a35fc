package io.axolotl.raft.testing;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A log that may give an entry another term than it has, as a planted bug demands.
 *
 * <p>As confined as the log.
 *
 * @param terms by index
 */
public record BoastfulLog(LogReader log, LongUnaryOperator terms) implements LogReader {
    @Override
    public EntryId previous() {
        return log.previous();
    }

    @Override
    public EntryId last() {
        return log.last();
    }

    @Override
    public long term(long index) {
        return terms.applyAsLong(index);
    }

    @Override
    public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
        return log.entries(fromIndex, toIndexExclusive, maxBytes);
    }

    @Override
    public List<Entry> membershipEntries() {
        return log.membershipEntries();
    }
}

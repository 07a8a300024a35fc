package io.axolotl.raft.testing;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import java.util.List;

/**
 * A log that keeps to itself which memberships came after some entry: as if one were in force only when it was committed or
 * applied (pitfall 34, M4). For planted bugs.
 *
 * <p>As confined as the log.
 *
 * @param lastIndex of the entries whose memberships it tells
 */
public record ForgetfulLog(LogReader log, long lastIndex) implements LogReader {
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
        return log.term(index);
    }

    @Override
    public List<Entry> entries(long fromIndex, long toIndexExclusive, long maxBytes) {
        return log.entries(fromIndex, toIndexExclusive, maxBytes);
    }

    @Override
    public List<Entry> membershipEntries() {
        return log.membershipEntries().stream()
                .filter(entry -> entry.index() <= lastIndex)
                .toList();
    }
}

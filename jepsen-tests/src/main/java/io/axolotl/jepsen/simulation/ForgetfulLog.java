package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import java.util.List;

/**
 * Plants {@link PlantedBug#MEMBERSHIP_ON_APPLY}: a log that at start keeps to itself which memberships came after what was
 * applied.
 *
 * <p>Confined to the simulation's thread.
 */
final class ForgetfulLog implements LogReader {
    private final LogReader log;
    private final long appliedIndex;

    ForgetfulLog(LogReader log, long appliedIndex) {
        this.log = log;
        this.appliedIndex = appliedIndex;
    }

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
                .filter(entry -> entry.index() <= appliedIndex)
                .toList();
    }
}

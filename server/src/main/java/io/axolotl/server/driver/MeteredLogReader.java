package io.axolotl.server.driver;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The log as the core reads it, with a stopwatch: reading entries is the one thing for which the driver waits for a disk.
 *
 * <p>Confined to the driver thread.
 */
final class MeteredLogReader implements LogReader {
    private final LogReader log;
    private final LongConsumer readNanos;

    /** @param readNanos takes how long each reading of entries took */
    MeteredLogReader(LogReader log, LongConsumer readNanos) {
        this.log = log;
        this.readNanos = readNanos;
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
        long startNanos = System.nanoTime();
        List<Entry> entries = log.entries(fromIndex, toIndexExclusive, maxBytes);
        readNanos.accept(System.nanoTime() - startNanos);
        return entries;
    }

    @Override
    public List<Entry> membershipEntries() {
        return log.membershipEntries();
    }
}

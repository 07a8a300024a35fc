package io.axolotl.storage.mvcc;

import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one run of commands, on the way to becoming one atomic write. As a {@link Keyspace} it shows what each
 * command must see: everything before it, those of its own run included.
 *
 * <p>A command is what lies between {@link #beginCommand} and {@link #endCommand}; if it changed anything it used exactly
 * one revision (MV-2, MV-3). An {@code idx} record goes into the write once for the whole run, however often it changed.
 *
 * <p>Confined to the apply thread.
 */
public final class WriteTxn extends Keyspace {
    private final KvEngine engine;
    private final RecordCache cache;
    private final AtomicWrite write;

    /** The run's own records; each hides the one below. */
    private final NavigableMap<byte[], IndexRecord> records = new TreeMap<>(Arrays::compareUnsigned);
    /** The run's own events, ascending. */
    private final List<EventRecord> events = new ArrayList<>();

    /** Revision of the last finished command that changed something. */
    private long revision;

    private long compactRevision;
    private long liveKeys;
    /** Changes of the command in progress. */
    private int changes;

    WriteTxn(KvEngine engine, RecordCache cache, AtomicWrite write, StoreState state) {
        if (write.count() != 0) {
            throw new AssertionError("a run starts with " + write.count() + " changes of another");
        }
        this.engine = engine;
        this.cache = cache;
        this.write = write;
        this.revision = state.revision();
        this.compactRevision = state.compactRevision();
        this.liveKeys = state.liveKeys();
    }

    public void beginCommand() {
        if (changes != 0) {
            throw new AssertionError("the command before was not ended");
        }
    }

    public void endCommand() {
        revision = revision();
        changes = 0;
    }

    @Override
    public long revision() {
        return changes == 0 ? revision : revision + 1;
    }

    @Override
    public long compactRevision() {
        return compactRevision;
    }

    /** Puts a version of a key (MV-4), whatever was there before. */
    public void put(byte[] key, byte[] value, long lease) {
        IndexRecord before = index(key);
        Revision now = new Revision(revision + 1, changes);
        boolean isNew = before == null || before.isTombstone();
        long createRevision = before == null || before.isTombstone() ? now.main() : before.createRevision();
        long version = before == null ? 1 : before.version() + 1;
        JumpStack jumps = jumpsAfter(before, now);
        record(
                key,
                new IndexRecord(
                        false,
                        now.main(),
                        now.sub(),
                        createRevision,
                        version,
                        lease,
                        value.length <= IndexRecord.INLINE_LIMIT_BYTES ? value : null,
                        jumps),
                new EventRecord(
                        now, false, previousOf(before), jumps.jump(), createRevision, version, lease, key, value));
        if (isNew) {
            liveKeys++;
        }
    }

    /**
     * Deletes every live key of a range, in key order (DL-1).
     *
     * @param removed is given the removed versions (DL-2), or null if nobody asks
     * @return how many were removed
     */
    public long deleteRange(byte[] key, byte[] rangeEnd, @Nullable List<KeyValue> removed) {
        KeyRange range = KeyRange.of(key, rangeEnd);
        if (range.isSingle()) {
            IndexRecord record = index(key);
            if (record == null || record.isTombstone()) {
                return 0;
            }
            delete(key, record, removed);
            return 1;
        }
        if (range.isEmpty()) {
            return 0;
        }
        List<byte[]> keys = new ArrayList<>();
        List<IndexRecord> doomed = new ArrayList<>();
        try (IndexCursor cursor = indexes(range)) {
            while (cursor.next()) {
                if (!cursor.isTombstone()) {
                    keys.add(cursor.key());
                    doomed.add(cursor.record());
                }
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            delete(keys.get(i), doomed.get(i), removed);
        }
        return keys.size();
    }

    private void delete(byte[] key, IndexRecord before, @Nullable List<KeyValue> removed) {
        if (removed != null) {
            removed.add(load(FoundVersion.of(key, before)));
        }
        Revision now = new Revision(revision + 1, changes);
        JumpStack jumps = jumpsAfter(before, now);
        record(
                key,
                new IndexRecord(true, now.main(), now.sub(), 0, 0, 0, null, jumps),
                EventRecord.tombstone(now, before.revision(), jumps.jump(), key));
        liveKeys--;
    }

    /**
     * Moves the compaction floor up to {@code floor}, or refuses (CP-1). What lies below is out of reach from here on, on
     * every member at the same command, however far its disk is (TX-12).
     */
    public @Nullable Refusal compact(long floor) {
        if (floor <= compactRevision) {
            return Refusal.COMPACTED;
        }
        if (floor > revision()) {
            return Refusal.FUTURE_REVISION;
        }
        compactRevision = floor;
        return null;
    }

    /** Adds something besides keys to the run's write. */
    public void putMeta(byte[] key, byte[] value) {
        write.put(Space.META, key, value);
    }

    /** Removes something besides keys in the run's write. */
    public void deleteMeta(byte[] key) {
        write.delete(Space.META, key);
    }

    /** A tombstone that is logically compacted is as good as nothing: its bytes may be gone on another member already. */
    private boolean isOutOfReach(@Nullable IndexRecord before) {
        return before == null || (before.isTombstone() && before.main() < compactRevision);
    }

    private Revision previousOf(@Nullable IndexRecord before) {
        return before == null || isOutOfReach(before) ? Revision.NONE : before.revision();
    }

    private JumpStack jumpsAfter(@Nullable IndexRecord before, Revision now) {
        JumpStack jumps = before == null || isOutOfReach(before) ? JumpStack.EMPTY : before.jumps();
        return jumps.push(now.main(), now.sub(), compactRevision);
    }

    private void record(byte[] key, IndexRecord record, EventRecord event) {
        records.put(key, record);
        events.add(event);
        write.put(Space.REV, event.revision().toKey(), event.encode());
        changes++;
    }

    @Override
    @Nullable IndexRecord index(byte[] key) {
        IndexRecord own = records.get(key);
        if (own != null) {
            return own;
        }
        IndexRecord cached = cache.get(key);
        if (cached != null) {
            return cached;
        }
        byte[] stored = engine.get(Space.IDX, key);
        if (stored == null) {
            return null;
        }
        IndexRecord record = IndexRecord.decode(stored);
        cache.put(key, record);
        return record;
    }

    @Override
    IndexCursor indexes(KeyRange range) {
        byte[] end = range.toExclusive();
        NavigableMap<byte[], IndexRecord> own =
                end == null ? records.tailMap(range.from(), true) : records.subMap(range.from(), true, end, false);
        IndexCursor below = IndexCursor.over(engine.scan(Space.IDX, range.from(), end));
        return own.isEmpty() ? below : new OverlayCursor(own.entrySet().iterator(), below);
    }

    @Override
    @Nullable EventRecord event(Revision wanted) {
        if (!events.isEmpty() && wanted.compareTo(events.get(0).revision()) >= 0) {
            int low = 0;
            int high = events.size() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = events.get(middle).revision().compareTo(wanted);
                if (order == 0) {
                    return events.get(middle);
                } else if (order < 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return null;
        }
        byte[] stored = engine.get(Space.REV, wanted.toKey());
        return stored == null ? null : EventRecord.decode(wanted, stored);
    }

    /** The run's write, complete but for the state record. */
    AtomicWrite finishedWrite() {
        if (changes != 0) {
            throw new AssertionError("the last command was not ended");
        }
        for (Map.Entry<byte[], IndexRecord> entry : records.entrySet()) {
            write.put(Space.IDX, entry.getKey(), entry.getValue().encode());
        }
        return write;
    }

    /** To be called once the write has happened. */
    void fillCache() {
        records.forEach(cache::put);
    }

    long liveKeys() {
        return liveKeys;
    }

    int eventCount() {
        return events.size();
    }

    /** The run's own events, ascending. */
    List<EventRecord> events() {
        return Collections.unmodifiableList(events);
    }
}

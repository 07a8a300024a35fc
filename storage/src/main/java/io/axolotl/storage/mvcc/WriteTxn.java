package io.axolotl.storage.mvcc;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import java.util.ArrayList;
import java.util.Arrays;
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
 * one revision (MV-2, MV-3). An {@code idx} record goes into the write once for the whole run, however often it changed;
 * but those of a {@link BulkDelete} go at once, and what the run does to such a key later comes after them.
 *
 * <p>Confined to the apply thread.
 */
public final class WriteTxn extends Keyspace {
    /** What a change costs in memory besides its key and value, roughly. */
    private static final int CHANGE_OVERHEAD_BYTES = 350;

    /** The same of a change of something else than a key. */
    private static final int META_OVERHEAD_BYTES = 64;

    private final KvEngine engine;
    private final RecordCache cache;
    private final AtomicWrite write;
    /** A delete of more keys than this is a {@link BulkDelete}. */
    private final int plainDeletes;

    /** The newest revision that is none of the run's own. */
    private final long revisionBefore;

    /** The run's own records; each hides the one below. */
    private final NavigableMap<byte[], IndexRecord> records = new TreeMap<>(Arrays::compareUnsigned);
    /** The run's own events but for those of {@link #bulkDeletes}, ascending. */
    private final List<EventRecord> events = new ArrayList<>();
    /** Below {@link #records}. No key is in two of them: what was put in between is in {@link #records}. */
    private final List<BulkDelete> bulkDeletes = new ArrayList<>();

    private final Attachments attachments;

    private long eventCount;
    private long keptBytes;

    /** Revision of the last finished command that changed something. */
    private long revision;

    private long compactRevision;
    private long liveKeys;

    /** What this run has put and deleted, for {@link ChangeCounts}. */
    private long puts;

    private long putBytes;
    private long deletes;
    /** The rolling digest, through the last ended entry and what the one in progress has done so far. */
    private long history;

    private final CheckpointRing ring;
    /** Checkpoints that fall into this run. */
    private final List<Checkpoint> checkpoints = new ArrayList<>();

    /** Changes of the command in progress. */
    private int changes;

    /** The digest at an index that belongs into the ring. */
    private record Checkpoint(long index, long digest) {}

    WriteTxn(
            KvEngine engine,
            RecordCache cache,
            AtomicWrite write,
            int plainDeletes,
            StoreState state,
            CheckpointRing ring) {
        if (write.count() != 0) {
            throw new AssertionError("a run starts with " + write.count() + " changes of another");
        }
        this.engine = engine;
        this.cache = cache;
        this.write = write;
        this.attachments = new Attachments(engine, write);
        this.plainDeletes = plainDeletes;
        this.revisionBefore = state.revision();
        this.revision = state.revision();
        this.compactRevision = state.compactRevision();
        this.liveKeys = state.liveKeys();
        this.history = state.historyDigest();
        this.ring = ring;
    }

    /** An entry is being applied: all that identifies it goes into the rolling digest. */
    public void beginEntry(Entry entry) {
        fold(entry.index());
        fold(entry.term());
        fold(entry.kind().code());
        history = HistoryHash.fold(history, entry.payload());
    }

    /** Takes a part of what applying the entry came to into the rolling digest. Must be the same on every member. */
    public void fold(long outcome) {
        history = HistoryHash.fold(history, outcome);
    }

    /** As {@link #fold(long)}, of bytes. */
    public void fold(byte[] outcome) {
        history = HistoryHash.fold(history, outcome);
    }

    /** The entry has been applied: where it has left the store goes into the rolling digest too. */
    public void endEntry(long index) {
        fold(revision);
        fold(compactRevision);
        fold(liveKeys);
        if (CheckpointRing.isAt(index)) {
            checkpoints.add(new Checkpoint(index, history));
        }
    }

    /** The rolling digest as of {@code index}, or null if it is not kept (any more). */
    public @Nullable Long digestAt(long index) {
        for (Checkpoint checkpoint : checkpoints) {
            if (checkpoint.index == index) {
                return checkpoint.digest;
            }
        }
        return ring.has(index) ? ring.digestAt(index) : null;
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

    /** With what this run has changed. */
    ChangeCounts countedOnto(ChangeCounts before) {
        return before.plus(puts, putBytes, deletes);
    }

    /** Puts a version of a key (MV-4), whatever was there before, and has it hang on its lease and on no other (PU-4). */
    public void put(byte[] key, byte[] value, long lease) {
        puts++;
        putBytes += key.length + value.length;
        IndexRecord before = index(key);
        Revision now = new Revision(revision + 1, changes);
        boolean isNew = before == null || before.isTombstone();
        long createRevision = before == null || before.isTombstone() ? now.main() : before.createRevision();
        long version = before == null ? 1 : before.version() + 1;
        JumpStack jumps = jumpsAfter(before, now);
        keptBytes += attachments.move(key, before == null ? 0 : before.lease(), lease);
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
     * Deletes every live key of a range, in key order (DL-1). Of many keys, only what a {@link BulkDelete} says of them
     * stays in memory.
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
                if (cursor.isTombstone()) {
                    continue;
                }
                if (keys.size() == plainDeletes) {
                    return deleteInBulk(keys, doomed, cursor, removed);
                }
                keys.add(cursor.key());
                doomed.add(cursor.record());
            }
        }
        for (int i = 0; i < keys.size(); i++) {
            delete(keys.get(i), doomed.get(i), removed);
        }
        return keys.size();
    }

    /**
     * Deletes every key that hangs on a lease, in key order (LE-3). Of many keys, only what a {@link BulkDelete} says of them
     * stays in memory.
     *
     * @return how many were removed
     */
    public long deleteAttached(long lease) {
        try (Attachments.Keys attached = attachments.of(lease)) {
            List<byte[]> keys = new ArrayList<>();
            byte[] next = attached.next();
            while (next != null && keys.size() < plainDeletes) {
                keys.add(next);
                next = attached.next();
            }
            if (next == null) {
                keys.forEach(key -> delete(key, attachedTo(lease, key), null));
                return keys.size();
            }
            BulkDelete bulk = new BulkDelete();
            keys.forEach(key -> deleteInto(bulk, key, attachedTo(lease, key), null));
            long count = keys.size();
            for (; next != null; next = attached.next()) {
                deleteInto(bulk, next, attachedTo(lease, next), null);
                count++;
            }
            bulkDeletes.add(bulk);
            return count;
        }
    }

    /**
     * Whether a key of a range hangs on a lease, without a look at its others.
     *
     * @param to exclusive; null for no end
     */
    public boolean isAnyAttached(long lease, byte[] from, byte @Nullable [] to) {
        try (Attachments.Keys attached = attachments.of(lease, from, to)) {
            return attached.next() != null;
        }
    }

    private IndexRecord attachedTo(long lease, byte[] key) {
        IndexRecord record = index(key);
        if (record == null || record.isTombstone() || record.lease() != lease) {
            throw new StoreDamagedException("a key is said to hang on lease " + Long.toHexString(lease)
                    + " and does not: " + Arrays.toString(key));
        }
        return record;
    }

    private void delete(byte[] key, IndexRecord before, @Nullable List<KeyValue> removed) {
        keptBytes += attachments.move(key, before.lease(), 0);
        IndexRecord after = tombstoneAfter(key, before, removed);
        record(
                key,
                after,
                EventRecord.tombstone(
                        after.revision(), before.revision(), after.jumps().jump(), key));
    }

    private IndexRecord tombstoneAfter(byte[] key, IndexRecord before, @Nullable List<KeyValue> removed) {
        if (removed != null) {
            removed.add(load(FoundVersion.of(key, before)));
        }
        Revision now = new Revision(revision + 1, changes);
        deletes++;
        liveKeys--;
        return new IndexRecord(true, now.main(), now.sub(), 0, 0, 0, null, jumpsAfter(before, now));
    }

    /**
     * @param keys the first ones, and {@code doomed} what was said of them
     * @param cursor stands on the next live one
     */
    private long deleteInBulk(
            List<byte[]> keys, List<IndexRecord> doomed, IndexCursor cursor, @Nullable List<KeyValue> removed) {
        BulkDelete bulk = new BulkDelete();
        for (int i = 0; i < keys.size(); i++) {
            deleteInto(bulk, keys.get(i), doomed.get(i), removed);
        }
        long count = keys.size();
        boolean isInside = true;
        while (isInside) {
            if (!cursor.isTombstone()) {
                deleteInto(bulk, cursor.key(), cursor.record(), removed);
                count++;
            }
            isInside = cursor.next();
        }
        bulkDeletes.add(bulk);
        return count;
    }

    private void deleteInto(BulkDelete bulk, byte[] key, IndexRecord before, @Nullable List<KeyValue> removed) {
        if (records.containsKey(key)) {
            // It takes the place of one that is there, which a cursor that is under way does not mind.
            delete(key, before, removed);
            return;
        }
        attachments.dropInBulk(key, before.lease());
        IndexRecord after = tombstoneAfter(key, before, removed);
        keptBytes += bulk.add(key, before.revision(), after);
        write.put(Space.IDX, key, after.encode());
        write(EventRecord.tombstone(
                after.revision(), before.revision(), after.jumps().jump(), key));
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
        keptBytes += META_OVERHEAD_BYTES + key.length + value.length;
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
        keptBytes += CHANGE_OVERHEAD_BYTES + 2L * key.length + event.value().length;
        write(event);
    }

    private void write(EventRecord event) {
        write.put(Space.REV, event.revision().toKey(), event.encode());
        foldEvent(event);
        eventCount++;
        changes++;
    }

    /** The logical fields: pointers may differ with how far removal has come. */
    private void foldEvent(EventRecord event) {
        fold(event.main());
        fold(event.revision().sub());
        fold(event.isTombstone() ? 1 : 0);
        fold(event.createRevision());
        fold(event.version());
        fold(event.lease());
        history = HistoryHash.fold(history, event.key());
        history = HistoryHash.fold(history, event.value());
    }

    @Override
    @Nullable IndexRecord index(byte[] key) {
        IndexRecord own = records.get(key);
        if (own != null) {
            return own;
        }
        for (BulkDelete bulk : bulkDeletes) {
            IndexRecord deleted = bulk.index(key);
            if (deleted != null) {
                return deleted;
            }
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
        for (BulkDelete bulk : bulkDeletes) {
            below = new OverlayCursor(bulk.indexes(range.from(), end), below);
        }
        return own.isEmpty() ? below : new OverlayCursor(own.entrySet().iterator(), below);
    }

    @Override
    @Nullable EventRecord event(Revision wanted) {
        if (wanted.main() > revisionBefore) {
            return ownEvent(wanted);
        }
        byte[] stored = engine.get(Space.REV, wanted.toKey());
        return stored == null ? null : EventRecord.decode(wanted, stored);
    }

    private @Nullable EventRecord ownEvent(Revision wanted) {
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
        for (BulkDelete bulk : bulkDeletes) {
            EventRecord deleted = bulk.event(wanted);
            if (deleted != null) {
                return deleted;
            }
        }
        return null;
    }

    /** The run's write, complete but for the state record. */
    AtomicWrite finishedWrite() {
        if (changes != 0) {
            throw new AssertionError("the last command was not ended");
        }
        for (Map.Entry<byte[], IndexRecord> entry : records.entrySet()) {
            write.put(Space.IDX, entry.getKey(), entry.getValue().encode());
        }
        for (Checkpoint checkpoint : checkpoints) {
            CheckpointRing.put(write, checkpoint.index, checkpoint.digest);
        }
        return write;
    }

    /** To be called once the write has happened: shows its checkpoints, and fills the cache. Keys that were deleted in bulk are forgotten, not taken in. */
    void written() {
        checkpoints.forEach(checkpoint -> ring.taken(checkpoint.index, checkpoint.digest));
        bulkDeletes.forEach(bulk -> bulk.keys().forEach(cache::evict));
        records.forEach(cache::put);
    }

    long liveKeys() {
        return liveKeys;
    }

    long historyDigest() {
        return history;
    }

    long eventCount() {
        return eventCount;
    }

    /** Memory that the changes so far hold on to until the run is written, roughly; the write itself not counted. */
    public long keptBytes() {
        return keptBytes;
    }

    /** Whether so many keys were deleted at once that the run should end here. */
    public boolean hasBulkDelete() {
        return !bulkDeletes.isEmpty();
    }
}

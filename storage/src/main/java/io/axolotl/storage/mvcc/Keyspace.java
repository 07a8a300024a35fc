package io.axolotl.storage.mvcc;

import io.axolotl.storage.command.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys and their kept history as of some moment, and the rules of reading them (contract B.2, TX-2 to TX-4). A read
 * view and a transaction that is being written differ only in where they find records.
 *
 * <p>All methods raise {@link StoreDamagedException} if history is missing that must be there.
 */
public abstract class Keyspace {
    static final byte[] NO_VALUE = {};

    /** What a version takes in memory beside its key and its value, roughly. */
    static final long VERSION_BYTES = 200;

    /** The newest revision; in a transaction that has changed something, the one in progress (TX-5). */
    public abstract long revision();

    /** The compaction floor, -1 if there never was one. */
    public abstract long compactRevision();

    /** What {@code idx} says of a key, or null. */
    abstract @Nullable IndexRecord index(byte[] key);

    /** The {@code idx} records of a range that is not a single key. */
    abstract IndexCursor indexes(KeyRange range);

    /** The event of a revision, or null. */
    abstract @Nullable EventRecord event(Revision revision);

    /** Told of the memory that a range read takes; may end it by an exception. */
    void holds(long bytes) {}

    /** The same keys for a read whose memory is metered. */
    public final Keyspace metered(ReadMeter meter) {
        return new MeteredKeyspace(this, meter);
    }

    /** A range read (RG-1 to RG-9); refuses revisions that are compacted or have not happened. */
    public final RangeAnswer range(RangeQuery query) {
        return range(query, true);
    }

    /**
     * As {@link #range}, but ends at the limit: the count is only of the keys that were looked at. For going through a
     * range piece by piece, which would be quadratic if every piece counted what is left.
     */
    public final RangeAnswer page(RangeQuery query) {
        return range(query, false);
    }

    private RangeAnswer range(RangeQuery query, boolean isCounted) {
        long now = revision();
        if (query.revision() > now) {
            return new RangeAnswer.Refused(Refusal.FUTURE_REVISION);
        }
        long at = query.revision() <= 0 ? now : query.revision();
        if (at < compactRevision()) {
            return new RangeAnswer.Refused(Refusal.COMPACTED);
        }
        KeyRange range = KeyRange.of(query.key(), query.rangeEnd());
        List<FoundVersion> found = new ArrayList<>();
        long count = collect(range, at, query, isCounted, found);
        if (query.isCountOnly()) {
            return new RangeAnswer.Found(now, List.of(), false, count);
        }
        if (hasFilters(query)) {
            found.removeIf(version -> !passes(query, version));
        }
        List<KeyValue> sorted = sort(query, found);
        boolean more = query.limit() > 0 && sorted.size() > query.limit();
        return new RangeAnswer.Found(
                now, more ? List.copyOf(sorted.subList(0, (int) query.limit())) : sorted, more, count);
    }

    /** The live version of a key, or null. */
    public final @Nullable KeyValue get(byte[] key) {
        IndexRecord record = index(key);
        return (record == null || record.isTombstone()) ? null : load(FoundVersion.of(key, record));
    }

    /** Whether a key exists. Cheaper than {@link #get}. */
    public final boolean isLive(byte[] key) {
        IndexRecord record = index(key);
        return record != null && !record.isTombstone();
    }

    /** Whether a compare of a transaction holds now (TX-2, TX-3). */
    public final boolean holds(Command.Compare compare) {
        KeyRange range = KeyRange.of(compare.key(), compare.rangeEnd());
        if (range.isSingle()) {
            IndexRecord record = index(compare.key());
            return (record == null || record.isTombstone())
                    ? holdsForAbsent(compare)
                    : holdsFor(compare, FoundVersion.of(compare.key(), record));
        }
        boolean isAbsent = true;
        if (!range.isEmpty()) {
            try (IndexCursor cursor = indexes(range)) {
                while (cursor.next()) {
                    if (!cursor.isTombstone()) {
                        isAbsent = false;
                        if (!holdsFor(compare, FoundVersion.of(cursor.key(), cursor.record()))) {
                            return false;
                        }
                    }
                }
            }
        }
        return !isAbsent || holdsForAbsent(compare);
    }

    /**
     * Collects the versions that a query must look at, as the newest at or below {@code at}, and returns how many keys
     * there are (RG-5). Keys beyond the limit are counted but not read, or left alone if nobody wants the count.
     */
    private long collect(KeyRange range, long at, RangeQuery query, boolean isCounted, List<FoundVersion> found) {
        long wanted = query.isCountOnly() ? 0 : fetchLimit(query);
        if (range.isSingle()) {
            IndexRecord record = index(range.from());
            FoundVersion version = record == null ? null : versionAt(range.from(), record, at);
            if (version == null) {
                return 0;
            }
            if (wanted > 0) {
                add(query, version, found);
            }
            return 1;
        }
        long count = 0;
        if (range.isEmpty()) {
            return count;
        }
        boolean isLatest = at == revision();
        try (IndexCursor cursor = indexes(range)) {
            while ((isCounted || count < wanted) && cursor.next()) {
                if (isLatest && cursor.isTombstone()) {
                    continue;
                }
                if (count >= wanted) {
                    count += isLatest || existsAt(cursor.record(), at) ? 1 : 0;
                    continue;
                }
                FoundVersion version = versionAt(cursor.key(), cursor.record(), at);
                if (version != null) {
                    add(query, version, found);
                    count++;
                }
            }
        }
        return count;
    }

    private void add(RangeQuery query, FoundVersion version, List<FoundVersion> found) {
        boolean isValueUnused = query.isKeysOnly() && query.sortTarget() != RangeQuery.SortTarget.VALUE;
        FoundVersion kept = isValueUnused ? version.withoutValue() : version;
        byte[] value = kept.value();
        holds(VERSION_BYTES + kept.key().length + (value == null ? 0 : value.length));
        found.add(kept);
    }

    /** How many keys to read (RG-3, RG-4). With order NONE the limit comes first, whatever the target (RG-7). */
    private static long fetchLimit(RangeQuery query) {
        boolean needsAll = query.sortOrder() != RangeQuery.SortOrder.NONE || hasFilters(query);
        return needsAll || query.limit() <= 0 || query.limit() == Long.MAX_VALUE ? Long.MAX_VALUE : query.limit() + 1;
    }

    private static boolean hasFilters(RangeQuery query) {
        return query.minModRevision() != 0
                || query.maxModRevision() != 0
                || query.minCreateRevision() != 0
                || query.maxCreateRevision() != 0;
    }

    /** RG-8. */
    private static boolean passes(RangeQuery query, FoundVersion version) {
        return (query.minModRevision() == 0 || version.modRevision() >= query.minModRevision())
                && (query.maxModRevision() == 0 || version.modRevision() <= query.maxModRevision())
                && (query.minCreateRevision() == 0 || version.createRevision() >= query.minCreateRevision())
                && (query.maxCreateRevision() == 0 || version.createRevision() <= query.maxCreateRevision());
    }

    /** Sorts (RG-4, RG-7) and reads the values, but of no more than one version beyond the limit where that can be. */
    private List<KeyValue> sort(RangeQuery query, List<FoundVersion> found) {
        boolean isDescending = query.sortOrder() == RangeQuery.SortOrder.DESCEND;
        if (query.sortTarget() == RangeQuery.SortTarget.VALUE) {
            List<KeyValue> all = new ArrayList<>(found.size());
            found.forEach(version -> all.add(loadMetered(version)));
            Comparator<KeyValue> byValue = (a, b) -> Arrays.compareUnsigned(a.value(), b.value());
            all.sort(isDescending ? Collections.reverseOrder(byValue) : byValue);
            return query.isKeysOnly() ? all.stream().map(Keyspace::withoutValue).toList() : all;
        }
        boolean isInOrder = query.sortTarget() == RangeQuery.SortTarget.KEY && !isDescending;
        if (!isInOrder) {
            Comparator<FoundVersion> order = FoundVersion.by(query.sortTarget());
            found.sort(isDescending ? Collections.reverseOrder(order) : order);
        }
        List<KeyValue> answer = new ArrayList<>(found.size());
        for (FoundVersion version : found) {
            boolean isCutOff = query.limit() > 0 && answer.size() >= query.limit();
            answer.add(query.isKeysOnly() || isCutOff ? version.toKeyValue(NO_VALUE) : loadMetered(version));
            if (isCutOff) {
                break;
            }
        }
        return answer;
    }

    private static KeyValue withoutValue(KeyValue kv) {
        return new KeyValue(kv.key(), kv.createRevision(), kv.modRevision(), kv.version(), NO_VALUE, kv.lease());
    }

    private KeyValue loadMetered(FoundVersion version) {
        KeyValue loaded = load(version);
        if (version.value() == null) {
            holds(loaded.value().length);
        }
        return loaded;
    }

    final KeyValue load(FoundVersion version) {
        byte[] value = version.value();
        return version.toKeyValue(
                value != null
                        ? value
                        : mustHave(version.revision(), version.key()).value());
    }

    /** The version of a key at a revision that is not compacted, or null if it did not exist then. */
    final @Nullable FoundVersion versionAt(byte[] key, IndexRecord record, long at) {
        if (record.main() <= at) {
            return record.isTombstone() ? null : FoundVersion.of(key, record);
        }
        Revision target = lastAtOrBefore(record, at);
        return target.isNone() ? null : FoundVersion.of(mustHave(target, key));
    }

    /** As {@link #versionAt}, without reading the version. */
    private boolean existsAt(IndexRecord record, long at) {
        if (record.main() <= at) {
            return !record.isTombstone();
        }
        if (!record.isTombstone() && record.createRevision() <= at) {
            // It has lived on from before: no need to know which version it was.
            return true;
        }
        return !lastAtOrBefore(record, at).isNone();
    }

    /**
     * Walks back from a record newer than {@code at} to the live version that stood at {@code at}; {@link Revision#NONE}
     * if there was none. Every event it reads is newer than {@code at}, hence newer than the compaction floor, hence there.
     */
    private Revision lastAtOrBefore(IndexRecord record, long at) {
        Revision place = record.revision();
        while (true) {
            EventRecord event = mustHave(place, null);
            if (event.jump().main() > at) {
                place = event.jump();
            } else if (event.previous().main() > at) {
                place = event.previous();
            } else {
                // What stood before this event is the answer. Before a put of version 1 the key was absent, and the
                // tombstone that it points to may be compacted: it is not followed.
                return event.replacesLiveVersion() ? event.previous() : Revision.NONE;
            }
        }
    }

    private EventRecord mustHave(Revision revision, byte @Nullable [] key) {
        EventRecord event = event(revision);
        if (event == null) {
            throw new StoreDamagedException("the event of revision " + revision + " is missing");
        }
        if (key != null && (event.isTombstone() || !Arrays.equals(key, event.key()))) {
            throw new StoreDamagedException("revision " + revision + " belongs to another key than points to it");
        }
        return event;
    }

    private boolean holdsForAbsent(Command.Compare compare) {
        return compare.target() != Command.Target.VALUE
                && decide(compare.operator(), Long.compare(0, compare.number()));
    }

    private boolean holdsFor(Command.Compare compare, FoundVersion version) {
        int order = switch (compare.target()) {
            case VERSION -> Long.compare(version.version(), compare.number());
            case CREATE -> Long.compare(version.createRevision(), compare.number());
            case MOD -> Long.compare(version.modRevision(), compare.number());
            case LEASE -> Long.compare(version.lease(), compare.number());
            case VALUE -> Arrays.compareUnsigned(load(version).value(), compare.value());
        };
        return decide(compare.operator(), order);
    }

    private static boolean decide(Command.Operator operator, int storedAgainstGiven) {
        return switch (operator) {
            case EQUAL -> storedAgainstGiven == 0;
            case GREATER -> storedAgainstGiven > 0;
            case LESS -> storedAgainstGiven < 0;
            case NOT_EQUAL -> storedAgainstGiven != 0;
        };
    }
}

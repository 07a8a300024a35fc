package io.axolotl.storage.mvcc;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A live version of a key, whose value may not have been read yet. Immutable by convention: arrays are shared.
 *
 * @param value null if it is in {@code rev} only
 */
record FoundVersion(
        byte[] key, Revision revision, long createRevision, long version, long lease, byte @Nullable [] value) {

    static FoundVersion of(byte[] key, IndexRecord record) {
        return new FoundVersion(
                key, record.revision(), record.createRevision(), record.version(), record.lease(), record.value());
    }

    static FoundVersion of(EventRecord event) {
        return new FoundVersion(
                event.key(), event.revision(), event.createRevision(), event.version(), event.lease(), event.value());
    }

    /** The same, holding on to its key alone. */
    FoundVersion withoutValue() {
        return value == null ? this : new FoundVersion(key, revision, createRevision, version, lease, null);
    }

    long modRevision() {
        return revision.main();
    }

    KeyValue toKeyValue(byte[] itsValue) {
        return new KeyValue(key, createRevision, modRevision(), version, itsValue, lease);
    }

    /** The orders a range can ask for, but that by value, which needs the values. */
    static Comparator<FoundVersion> by(RangeQuery.SortTarget target) {
        return switch (target) {
            case KEY -> (a, b) -> java.util.Arrays.compareUnsigned(a.key, b.key);
            case VERSION -> Comparator.comparingLong(FoundVersion::version);
            case CREATE -> Comparator.comparingLong(FoundVersion::createRevision);
            case MOD -> Comparator.comparingLong(FoundVersion::modRevision);
            case VALUE -> throw new AssertionError("an order by value needs the values");
        };
    }
}

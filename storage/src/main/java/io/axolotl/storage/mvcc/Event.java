package io.axolotl.storage.mvcc;

/**
 * One change of one key, as a watch shows it.
 *
 * <p>Immutable by convention: arrays are shared.
 */
public final class Event {
    private static final byte[] NO_VALUE = {};

    private final EventRecord record;

    Event(EventRecord record) {
        this.record = record;
    }

    /** The store's revision that this change is part of. */
    public long revision() {
        return record.main();
    }

    public boolean isDelete() {
        return record.isTombstone();
    }

    public byte[] key() {
        return record.key();
    }

    /** Of key and value. */
    public long sizeBytes() {
        return (long) record.key().length + record.value().length;
    }

    /** What was put; of a delete the key and the revision alone. */
    public KeyValue kv() {
        return record.isTombstone()
                ? new KeyValue(record.key(), 0, record.main(), 0, NO_VALUE, 0)
                : record.toKeyValue();
    }

    EventRecord record() {
        return record;
    }
}

package io.axolotl.storage.mvcc;

import org.jspecify.annotations.Nullable;

/**
 * Another keyspace, read under the eyes of a {@link ReadMeter}. As safe for threads as that keyspace and the meter are.
 */
final class MeteredKeyspace extends Keyspace {
    private final Keyspace keys;
    private final ReadMeter meter;

    MeteredKeyspace(Keyspace keys, ReadMeter meter) {
        this.keys = keys;
        this.meter = meter;
    }

    @Override
    public long revision() {
        return keys.revision();
    }

    @Override
    public long compactRevision() {
        return keys.compactRevision();
    }

    @Override
    @Nullable IndexRecord index(byte[] key) {
        return keys.index(key);
    }

    @Override
    IndexCursor indexes(KeyRange range) {
        return keys.indexes(range);
    }

    @Override
    @Nullable EventRecord event(Revision revision) {
        return keys.event(revision);
    }

    @Override
    void holds(long bytes) {
        meter.holds(bytes);
    }
}

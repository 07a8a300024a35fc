package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.Space;
import java.util.zip.CRC32C;

/**
 * Reads everything that a reader may still ask for, in a fixed order, into one checksum. Logical fields only: pointers,
 * jumps and where a value lies are left out, as is whatever compaction may or may not have removed yet.
 *
 * <p>Confined to one thread.
 */
final class DigestWalk {
    private final ReadView view;
    private final CRC32C crc = new CRC32C();
    private final byte[] number = new byte[Long.BYTES];

    DigestWalk(ReadView view) {
        this.view = view;
    }

    Digest run() {
        addMeta();
        addLatest();
        addHistory();
        StoreState state = view.state();
        return new Digest(state.applied(), state.revision(), state.compactRevision(), (int) crc.getValue());
    }

    private void addMeta() {
        try (EngineCursor cursor = view.engine().scan(Space.META, MetaKeys.SHARED_FROM, null)) {
            while (cursor.next()) {
                add(cursor.key());
                add(cursor.value());
            }
        }
    }

    private void addLatest() {
        try (EngineCursor cursor = view.engine().scan(Space.IDX, new byte[0], null)) {
            while (cursor.next()) {
                if (!IndexRecord.isTombstone(cursor.firstValueByte())) {
                    KeyValue kv = view.load(FoundVersion.of(cursor.key(), IndexRecord.decode(cursor.value())));
                    add(kv);
                }
            }
        }
    }

    private void addHistory() {
        long floor = view.compactRevision();
        try (EngineCursor cursor = view.engine().scan(Space.REV, Revision.key(Math.max(floor, 0), 0), null)) {
            while (cursor.next()) {
                EventRecord event = EventRecord.decode(Revision.ofKey(cursor.key()), cursor.value());
                add(event.main());
                add(event.revision().sub());
                add(event.isTombstone() ? 1 : 0);
                add(event.toKeyValue());
                if (event.main() > floor
                        && event.replacesLiveVersion()
                        && event.previous().main() < floor) {
                    // The version that stands at the floor is older than the floor, and history now.
                    EventRecord standing = view.event(event.previous());
                    if (standing == null) {
                        throw new StoreDamagedException(
                                "the event of revision " + event.previous() + ", visible at the floor, is missing");
                    }
                    add(standing.toKeyValue());
                }
            }
        }
    }

    private void add(KeyValue kv) {
        add(kv.key());
        add(kv.createRevision());
        add(kv.modRevision());
        add(kv.version());
        add(kv.lease());
        add(kv.value());
    }

    private void add(byte[] bytes) {
        add(bytes.length);
        crc.update(bytes);
    }

    private void add(long value) {
        ByteSink.putLong(number, 0, value);
        crc.update(number);
    }
}

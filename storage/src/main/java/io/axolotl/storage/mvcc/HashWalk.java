package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.Space;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The hash of HashKV (MT-4): of every change after the compaction floor through some revision, and of the versions at or
 * below the floor that were still the newest of their keys at that revision, all in the order of revisions.
 *
 * <p>Each is hashed in the bytes in which etcd would store it, so that equal histories have equal hashes here and there.
 * What removal has not taken yet is left out by rule, not by chance: whether a version counts depends on both revisions
 * alone, never on how far this member has come.
 *
 * <p>Confined to one thread.
 */
final class HashWalk {
    /** The name under which etcd keeps all this, which its hash begins with. */
    private static final byte[] BUCKET = "key".getBytes(StandardCharsets.US_ASCII);

    private static final int PLACE_BYTES = 17;

    private static final int KEY = 1 << 3 | 2;
    private static final int CREATE_REVISION = 2 << 3;
    private static final int MOD_REVISION = 3 << 3;
    private static final int VERSION = 4 << 3;
    private static final int VALUE = 5 << 3 | 2;
    private static final int LEASE = 6 << 3;

    private final ReadView view;
    private final CRC32C crc = new CRC32C();

    HashWalk(ReadView view) {
        this.view = view;
    }

    /** @param revision 0 for the newest */
    HashAnswer run(long revision) {
        long now = view.revision();
        long floor = view.compactRevision();
        if (revision > 0 && revision < floor) {
            return new HashAnswer.Refused(Refusal.COMPACTED);
        }
        if (revision > now) {
            return new HashAnswer.Refused(Refusal.FUTURE_REVISION);
        }
        long through = revision <= 0 ? now : revision;
        crc.update(BUCKET);
        try (EngineCursor cursor = view.engine().scan(Space.REV, Revision.key(0, 0), Revision.key(through + 1, 0))) {
            while (cursor.next()) {
                EventRecord event = EventRecord.decode(Revision.ofKey(cursor.key()), cursor.value());
                if (event.main() > floor || stands(event, through)) {
                    add(event);
                }
            }
        }
        return new HashAnswer.Hashed((int) crc.getValue(), now, through, floor);
    }

    /** Whether a key had this version at a revision that is not compacted. */
    private boolean stands(EventRecord event, long at) {
        if (event.isTombstone()) {
            return false;
        }
        IndexRecord record = view.index(event.key());
        FoundVersion standing = record == null ? null : view.versionAt(event.key(), record, at);
        return standing != null && standing.revision().equals(event.revision());
    }

    private void add(EventRecord event) {
        ByteSink place = ByteSink.ofSize(event.isTombstone() ? PLACE_BYTES + 1 : PLACE_BYTES);
        place.i64(event.main());
        place.u8('_');
        place.i64(event.revision().sub());
        if (event.isTombstone()) {
            place.u8('t');
        }
        crc.update(place.toArray());
        ByteSink counting = ByteSink.counting();
        write(counting, event);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out, event);
        crc.update(out.toArray());
    }

    /** A KeyValue message (contract A.3): fields in order, what is zero left out; of a tombstone the key alone. */
    private static void write(ByteSink out, EventRecord event) {
        writeBytes(out, KEY, event.key());
        if (event.isTombstone()) {
            return;
        }
        writeNumber(out, CREATE_REVISION, event.createRevision());
        writeNumber(out, MOD_REVISION, event.main());
        writeNumber(out, VERSION, event.version());
        writeBytes(out, VALUE, event.value());
        writeNumber(out, LEASE, event.lease());
    }

    private static void writeBytes(ByteSink out, int tag, byte[] bytes) {
        if (bytes.length > 0) {
            out.u8(tag);
            out.bytes(bytes);
        }
    }

    private static void writeNumber(ByteSink out, int tag, long number) {
        if (number != 0) {
            out.u8(tag);
            out.varint(number);
        }
    }
}

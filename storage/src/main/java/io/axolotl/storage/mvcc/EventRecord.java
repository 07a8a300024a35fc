package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;

/**
 * What {@code rev} says of one change: the whole new version, or that the key was deleted, and the way to the versions
 * before. Drawn in docs/formats/rocksdb-keys.md.
 *
 * <p>Immutable by convention: arrays are shared.
 *
 * @param previous the change of this key before, {@link Revision#NONE} if it had none when this one was made. After a
 *     put of version 1 it is a tombstone, and may have been compacted away; in all other cases it is a live version
 * @param jump a change of this key further back, or {@link Revision#NONE} to go by {@code previous}
 * @param createRevision and the three after it: 0 or empty in a tombstone
 */
record EventRecord(
        Revision revision,
        boolean isTombstone,
        Revision previous,
        Revision jump,
        long createRevision,
        long version,
        long lease,
        byte[] key,
        byte[] value) {

    private static final int TOMBSTONE = 1;
    private static final int PREVIOUS = 1 << 1;
    private static final int JUMP = 1 << 2;
    private static final int LEASE = 1 << 3;
    private static final int KNOWN = (1 << 4) - 1;

    private static final byte[] NO_VALUE = {};

    static EventRecord tombstone(Revision revision, Revision previous, Revision jump, byte[] key) {
        return new EventRecord(revision, true, previous, jump, 0, 0, 0, key, NO_VALUE);
    }

    long main() {
        return revision.main();
    }

    /** Whether the change before this one left the key alive. */
    boolean replacesLiveVersion() {
        return isTombstone || version > 1;
    }

    KeyValue toKeyValue() {
        return new KeyValue(key, createRevision, main(), version, value, lease);
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        boolean hasJump = !jump.isNone() && !jump.equals(previous);
        out.u8((isTombstone ? TOMBSTONE : 0)
                | (previous.isNone() ? 0 : PREVIOUS)
                | (hasJump ? JUMP : 0)
                | (lease != 0 ? LEASE : 0));
        if (!previous.isNone()) {
            writePointer(out, previous);
        }
        if (hasJump) {
            writePointer(out, jump);
        }
        if (!isTombstone) {
            out.varint(main() - createRevision);
            out.varint(version);
            if (lease != 0) {
                out.i64(lease);
            }
        }
        out.bytes(key);
        out.raw(value);
    }

    private void writePointer(ByteSink out, Revision target) {
        out.varint(main() - target.main());
        out.varint(target.sub());
    }

    /** @throws StoreDamagedException if these are not the bytes of an event */
    static EventRecord decode(Revision revision, byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int flags = in.u8();
            boolean isTombstone = (flags & TOMBSTONE) != 0;
            if ((flags & ~KNOWN) != 0 || (isTombstone && (flags & LEASE) != 0)) {
                throw new MalformedBytesException("the flags are 0x" + Integer.toHexString(flags));
            }
            Revision previous = (flags & PREVIOUS) != 0 ? readPointer(in, revision) : Revision.NONE;
            Revision jump = (flags & JUMP) != 0 ? readPointer(in, revision) : previous;
            long createRevision = isTombstone ? 0 : revision.main() - in.varint();
            long version = isTombstone ? 0 : in.varint();
            long lease = (flags & LEASE) != 0 ? in.i64() : 0;
            byte[] key = in.bytes();
            byte[] value = isTombstone ? NO_VALUE : in.raw(in.remaining());
            in.end();
            return new EventRecord(revision, isTombstone, previous, jump, createRevision, version, lease, key, value);
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException(
                    "the event of revision " + revision + " is malformed: " + e.getMessage(), e);
        }
    }

    private static Revision readPointer(ByteSource in, Revision from) {
        Revision target = new Revision(from.main() - in.varint(), in.varint32());
        if (target.main() <= 0 || target.compareTo(from) >= 0) {
            throw new MalformedBytesException("it points to revision " + target);
        }
        return target;
    }
}

package io.axolotl.storage.mvcc;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.bytes.MalformedBytesException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code idx} says of one key: its newest version, or that it is deleted. Drawn in docs/formats/rocksdb-keys.md.
 *
 * <p>Immutable by convention: the value array is shared.
 *
 * @param main revision of the newest change
 * @param sub its place within that revision
 * @param createRevision and the other two: 0 in a tombstone
 * @param value null in a tombstone, and if it is too large for {@code idx} and must be read from {@code rev}
 * @param jumps the newest version on top
 */
record IndexRecord(
        boolean isTombstone,
        long main,
        int sub,
        long createRevision,
        long version,
        long lease,
        byte @Nullable [] value,
        JumpStack jumps) {

    /** Values up to this size are kept in {@code idx} beside {@code rev}; larger ones in {@code rev} alone. */
    static final int INLINE_LIMIT_BYTES = 512;

    static final int TOMBSTONE = 1;
    private static final int INLINE = 1 << 1;
    private static final int LEASE = 1 << 2;
    private static final int KNOWN = (1 << 3) - 1;

    /** What a key that lives costs in memory besides its own bytes, roughly. */
    private static final int OVERHEAD_BYTES = 200;

    Revision revision() {
        return new Revision(main, sub);
    }

    int memoryBytes() {
        return OVERHEAD_BYTES + (value == null ? 0 : value.length) + 13 * jumps.size();
    }

    byte[] encode() {
        ByteSink counting = ByteSink.counting();
        write(counting);
        ByteSink out = ByteSink.ofSize(counting.count());
        write(out);
        return out.toArray();
    }

    private void write(ByteSink out) {
        out.u8((isTombstone ? TOMBSTONE : 0) | (value != null ? INLINE : 0) | (lease != 0 ? LEASE : 0));
        out.varint(main);
        out.varint(sub);
        if (!isTombstone) {
            out.varint(main - createRevision);
            out.varint(version);
            if (lease != 0) {
                out.i64(lease);
            }
        }
        jumps.write(out);
        if (value != null) {
            out.raw(value);
        }
    }

    /** Whether the record that begins with this byte is a tombstone. */
    static boolean isTombstone(int firstByte) {
        return (firstByte & TOMBSTONE) != 0;
    }

    /** @throws StoreDamagedException if these are not the bytes of a record */
    static IndexRecord decode(byte[] bytes) {
        try {
            ByteSource in = new ByteSource(bytes);
            int flags = in.u8();
            boolean isTombstone = isTombstone(flags);
            if ((flags & ~KNOWN) != 0 || (isTombstone && flags != TOMBSTONE)) {
                throw new MalformedBytesException("the flags are 0x" + Integer.toHexString(flags));
            }
            long main = in.varint();
            int sub = in.varint32();
            long createRevision = isTombstone ? 0 : main - in.varint();
            long version = isTombstone ? 0 : in.varint();
            long lease = (flags & LEASE) != 0 ? in.i64() : 0;
            JumpStack jumps = JumpStack.read(in, main, sub);
            byte[] value = (flags & INLINE) != 0 ? in.raw(in.remaining()) : null;
            in.end();
            return new IndexRecord(isTombstone, main, sub, createRevision, version, lease, value, jumps);
        } catch (MalformedBytesException e) {
            throw new StoreDamagedException("an idx record is malformed: " + e.getMessage(), e);
        }
    }
}

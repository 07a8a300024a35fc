package io.axolotl.client.recipes;

import io.axolotl.client.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a file consists of: its extents, one after the other. The format is drawn in docs/formats/filestore.md. Immutable.
 */
record Inode(List<Extent> extents) {
    static final Inode EMPTY = new Inode(List.of());

    /** Keeps the record, and with it every transaction that writes it, well below a request's size. */
    static final int MAX_EXTENTS = 4096;

    private static final int MAGIC = 0x41584649;
    private static final byte VERSION = 1;
    private static final int HEAD_BYTES = 4 + 1 + 4;
    private static final int EXTENT_BYTES = ExtentId.BYTES + 8 + 4;
    private static final int CHECKSUM_BYTES = 4;

    /**
     * Bytes that were written together, or appended to such, in chunks of equal size but for the last. What was written of a chunk never
     * changes; it only grows. Immutable.
     *
     * @param bytes more than 0, except in a record of what is to be collected
     */
    record Extent(ExtentId id, long bytes, int chunkBytes) {
        long chunks() {
            return (bytes + chunkBytes - 1) / chunkBytes;
        }

        /** Bytes of the last chunk that are in use; 0 if it is full or there is none. */
        int partialBytes() {
            return (int) (bytes % chunkBytes);
        }
    }

    Inode {
        extents = List.copyOf(extents);
    }

    long bytes() {
        return extents.stream().mapToLong(Extent::bytes).sum();
    }

    Inode plus(Extent extent) {
        List<Extent> more = new ArrayList<>(extents);
        more.add(extent);
        return new Inode(more);
    }

    Inode withLast(Extent extent) {
        List<Extent> others = new ArrayList<>(extents.subList(0, extents.size() - 1));
        others.add(extent);
        return new Inode(others);
    }

    Bytes encode() {
        ByteBuffer buffer = ByteBuffer.allocate(HEAD_BYTES + extents.size() * EXTENT_BYTES + CHECKSUM_BYTES);
        buffer.putInt(MAGIC).put(VERSION).putInt(extents.size());
        for (Extent extent : extents) {
            buffer.putLong(extent.id.high()).putLong(extent.id.low());
            buffer.putLong(extent.bytes).putInt(extent.chunkBytes);
        }
        buffer.putInt(checksum(buffer));
        return Bytes.copyOf(buffer.array());
    }

    private static int checksum(ByteBuffer buffer) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(0, buffer.capacity() - CHECKSUM_BYTES));
        return (int) crc.getValue();
    }

    /** @throws FileDamagedException if it is no such record, or one of a newer release */
    static Inode decode(Bytes key, Bytes value) {
        ByteBuffer buffer = ByteBuffer.wrap(value.toByteArray());
        if (buffer.capacity() < HEAD_BYTES + CHECKSUM_BYTES || buffer.getInt() != MAGIC) {
            throw new FileDamagedException("the value of " + key + " is no record of a file");
        }
        byte version = buffer.get();
        if (version != VERSION) {
            throw new FileDamagedException("the record of a file " + key + " is of version " + version
                    + "; this release reads version " + VERSION);
        }
        int count = buffer.getInt();
        if (count < 0
                || buffer.capacity() != HEAD_BYTES + (long) count * EXTENT_BYTES + CHECKSUM_BYTES
                || buffer.getInt(buffer.capacity() - CHECKSUM_BYTES) != checksum(buffer)) {
            throw new FileDamagedException(
                    "the record of a file " + key + " is damaged: its length or checksum is wrong");
        }
        List<Extent> extents = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            extents.add(
                    new Extent(new ExtentId(buffer.getLong(), buffer.getLong()), buffer.getLong(), buffer.getInt()));
        }
        return new Inode(extents);
    }
}

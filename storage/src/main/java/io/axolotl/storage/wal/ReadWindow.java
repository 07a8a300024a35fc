package io.axolotl.storage.wal;

import io.axolotl.storage.disk.DiskFile;
import java.nio.ByteBuffer;

/**
 * Reads a file forward through one buffer, which grows if a single record needs more. Confined to one thread.
 */
final class ReadWindow {
    private final DiskFile file;
    private final long sizeBytes;
    private final int readAheadBytes;
    private ByteBuffer bytes;

    /** Offset in the file of the buffer's first byte. The buffer is filled up to its limit. */
    private long start;

    ReadWindow(DiskFile file, long sizeBytes, int readAheadBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
        this.readAheadBytes = (int) Math.min(readAheadBytes, sizeBytes);
        this.bytes = ByteBuffer.allocate(this.readAheadBytes).limit(0);
    }

    /** The buffer; places in it are those that {@link #seek} gave since the last seek. */
    ByteBuffer bytes() {
        return bytes;
    }

    boolean holds(long offset, long length) {
        return offset + length <= sizeBytes;
    }

    /**
     * Brings {@code [offset, offset + length)} into the buffer.
     *
     * @param length at most up to the end of the file
     * @return where {@code offset} is in the buffer
     */
    int seek(long offset, int length) {
        if (offset < start || offset + length > start + bytes.limit()) {
            fill(offset, length);
        }
        return (int) (offset - start);
    }

    private void fill(long offset, int length) {
        if (length > bytes.capacity()) {
            bytes = ByteBuffer.allocate(length);
        }
        int wanted = (int) Math.min(Math.max(length, readAheadBytes), sizeBytes - offset);
        bytes.clear().limit(wanted);
        start = offset;
        int read = file.read(bytes, offset);
        bytes.position(0).limit(read);
        if (read < length) {
            throw new IllegalStateException("a segment file has shrunk below " + sizeBytes + " bytes while in use");
        }
    }
}

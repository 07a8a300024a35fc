package io.axolotl.storage.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that takes up space so that there is some when there is none left (pitfall 58): given back when the disk is about
 * to be full, so that deletes still find room in the log, and made again when there is plenty.
 *
 * <p>Confined to one thread.
 */
public final class SpaceReserve {
    private static final int ZEROS_BYTES = 1 << 20;

    /** A start needs this much room, for the engine writes while it opens. */
    private static final long START_BYTES = 32L << 20;

    private final Disk disk;
    private final Path file;
    private final long sizeBytes;

    /** @param sizeBytes at least 1 */
    public SpaceReserve(Disk disk, Path file, long sizeBytes) {
        if (sizeBytes < 1) {
            throw new IllegalArgumentException("a reserve of " + sizeBytes + " bytes is none");
        }
        this.disk = disk;
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    /** Gives the space back if a start might not find room without it. */
    public void releaseForStart() {
        if (freeBytes() < START_BYTES) {
            release();
        }
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Bytes that may still be written, the reserve not among them. */
    public long freeBytes() {
        Path folder = file.toAbsolutePath().getParent();
        return disk.usableBytes(folder == null ? file : folder);
    }

    /** Whether all of the space is held. */
    public boolean isWhole() {
        return heldBytes() == sizeBytes;
    }

    private long heldBytes() {
        if (!disk.exists(file)) {
            return 0;
        }
        try (DiskFile held = disk.open(file)) {
            return held.size();
        }
    }

    /** Gives the space back. Nothing depends on when that becomes durable. */
    public void release() {
        if (disk.exists(file)) {
            disk.delete(file);
        }
    }

    /**
     * Takes more of the space, in steps so that the log's syncs do not wait long behind it.
     *
     * @throws DiskFullException if there is not enough; nothing is held then
     */
    public void grow(long mostBytes) {
        long from = heldBytes();
        long to = Math.min(sizeBytes, from + mostBytes);
        if (from >= to) {
            return;
        }
        boolean hasGrown = false;
        try (DiskFile growing = disk.exists(file) ? disk.open(file) : disk.create(file)) {
            ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(ZEROS_BYTES, to - from));
            for (long at = from; at < to; at += zeros.limit()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
                growing.write(zeros, at);
            }
            // A file system that allocates late would take nothing until then.
            growing.sync();
            hasGrown = true;
        } finally {
            if (!hasGrown) {
                release();
            }
        }
    }
}

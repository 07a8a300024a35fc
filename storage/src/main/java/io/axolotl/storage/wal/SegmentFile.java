package io.axolotl.storage.wal;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import java.nio.file.Path;

/**
 * An open segment file. Counts its readers, so that a file is not recycled under one of them: the bytes of its next
 * life would look like damage. Safe for all threads.
 */
final class SegmentFile {
    private final long sequence;
    private final Path path;
    private final DiskFile file;
    private final long sizeBytes;
    private int readers;
    private boolean isRetired;

    private SegmentFile(long sequence, Path path, DiskFile file, long sizeBytes) {
        this.sequence = sequence;
        this.path = path;
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    static SegmentFile open(Disk disk, long sequence, Path path) {
        DiskFile file = disk.open(path);
        return new SegmentFile(sequence, path, file, file.size());
    }

    /** The number of the segment, which is also in its file name. */
    long sequence() {
        return sequence;
    }

    Path path() {
        return path;
    }

    DiskFile file() {
        return file;
    }

    /** The size of the file, which stays the same while the segment is in use. */
    long sizeBytes() {
        return sizeBytes;
    }

    synchronized void pin() {
        readers++;
    }

    synchronized void unpin() {
        readers--;
        if (isRetired && readers == 0) {
            file.close();
        }
    }

    /**
     * The segment is no longer part of the log: no reader will come any more. The file is closed now or by its last
     * reader.
     *
     * @return whether no reader is left, so that the file may be written to in another life
     */
    synchronized boolean retire() {
        isRetired = true;
        if (readers == 0) {
            file.close();
        }
        return readers == 0;
    }
}

package io.axolotl.storage.snapshot;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/** Reads files through the disk port: to checksum them, and to copy them. Stateless. */
final class FileChecksum {
    private static final int BUFFER_BYTES = 1 << 18;

    private FileChecksum() {}

    /** The entry of a file as it is now. */
    static FileEntry entryOf(Disk disk, Path file) {
        return entryOf(disk, file, read -> {});
    }

    /** @param read told how many bytes were read, after each bounded part */
    static FileEntry entryOf(Disk disk, Path file, LongConsumer read) {
        CRC32C crc = new CRC32C();
        long size = 0;
        try (DiskFile opened = disk.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (opened.read(buffer.clear(), size) > 0) {
                int length = buffer.flip().remaining();
                size += length;
                crc.update(buffer);
                read.accept(length);
            }
        }
        return new FileEntry(String.valueOf(file.getFileName()), size, (int) crc.getValue());
    }

    /**
     * Copies a file under a new name and syncs the copy, not its folder.
     *
     * @param progress told after each bounded part
     */
    static void copy(Disk disk, Path from, Path to, Runnable progress) {
        try (DiskFile source = disk.open(from);
                DiskFile target = disk.create(to)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            long at = 0;
            while (source.read(buffer.clear(), at) > 0) {
                buffer.flip();
                int length = buffer.remaining();
                target.write(buffer, at);
                at += length;
                progress.run();
            }
            target.sync();
        }
    }
}

package io.axolotl.storage.wal;

import io.axolotl.storage.disk.Disk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that was found in the log's folder, before it is known whether the log reaches it.
 *
 * <p>Immutable.
 *
 * @param header its header, or null if none verifies: the file is ready to be used, or its header is damaged
 * @param headerChecksum the checksum of that header
 */
record SegmentCandidate(SegmentFile file, @Nullable SegmentHeader header, int headerChecksum) {
    /** @throws WalCorruptedException if the file is smaller or larger than it was made */
    static SegmentCandidate open(Disk disk, long sequence, Path path) {
        SegmentFile file = SegmentFile.open(disk, sequence, path);
        ByteBuffer sector = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        boolean isComplete = false;
        try {
            if (file.file().read(sector, 0) < WalFormat.HEADER_BYTES) {
                throw new WalCorruptedException(
                        path, file.sizeBytes(), 0, "the file is shorter than its header; segments never shrink");
            }
            SegmentHeader header = new WalFormat().header(sector, 0, sequence, path);
            if (header != null && header.sizeBytes() != file.sizeBytes()) {
                throw new WalCorruptedException(
                        path,
                        Math.min(file.sizeBytes(), header.sizeBytes()),
                        header.previous().index() + 1,
                        "the file has " + file.sizeBytes() + " bytes and was made with " + header.sizeBytes());
            }
            isComplete = true;
            return new SegmentCandidate(file, header, WalFormat.headerChecksum(sector, 0));
        } finally {
            if (!isComplete) {
                file.retire();
            }
        }
    }

    boolean isStart() {
        return header != null && header.isStart();
    }
}

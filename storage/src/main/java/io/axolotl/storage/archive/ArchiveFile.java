package io.axolotl.storage.archive;

import io.axolotl.storage.archive.ArchiveHeader.PackedFile;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An archive that lies on a disk.
 *
 * <p>Confined to one thread.
 */
public final class ArchiveFile implements AutoCloseable {
    private static final int CHECKSUM_BYTES = 32;
    private static final int BUFFER_BYTES = 1 << 20;

    private final Disk disk;
    private final Path path;
    private final DiskFile file;
    private final int headerBytes;
    private final ArchiveHeader header;

    private ArchiveFile(Disk disk, Path path, DiskFile file, int headerBytes, ArchiveHeader header) {
        this.disk = disk;
        this.path = path;
        this.file = file;
        this.headerBytes = headerBytes;
        this.header = header;
    }

    /**
     * Reads the header, which has a checksum of its own.
     *
     * @throws ArchiveDamagedException if it is no archive, or damaged there
     * @throws io.axolotl.storage.disk.NewerFormatException if a newer version of this program made it
     */
    public static ArchiveFile open(Disk disk, Path path) {
        DiskFile file = disk.open(path);
        boolean isOpen = false;
        try {
            int headerBytes = ArchiveHeader.sizeOf(read(file, 0, ArchiveHeader.START_BYTES), path);
            if (headerBytes > file.size()) {
                throw new ArchiveDamagedException(path + " is cut short: it has " + file.size()
                        + " bytes, and its header" + " alone " + headerBytes + ". Was the download finished?");
            }
            ArchiveHeader header = ArchiveHeader.decode(read(file, 0, headerBytes), path);
            ArchiveFile opened = new ArchiveFile(disk, path, file, headerBytes, header);
            isOpen = true;
            return opened;
        } finally {
            if (!isOpen) {
                file.close();
            }
        }
    }

    private static byte[] read(DiskFile file, long offset, int bytes) {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        int read = file.read(target, offset);
        return Arrays.copyOf(target.array(), read);
    }

    public ArchiveHeader header() {
        return header;
    }

    /** Of the file, its checksum included. */
    public long sizeBytes() {
        return file.size();
    }

    /**
     * Reads all of it and holds it against the checksum at its end.
     *
     * @return the checksum
     * @throws ArchiveDamagedException if it is not what it was
     */
    public byte[] verify() {
        long contentBytes = header.contentBytes(headerBytes);
        requireSize(contentBytes + CHECKSUM_BYTES);
        MessageDigest digest = StateArchive.sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long at = 0; at < contentBytes; ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, contentBytes - at));
            at += file.read(buffer, at);
            digest.update(buffer.flip());
        }
        byte[] computed = digest.digest();
        byte[] stored = read(file, contentBytes, CHECKSUM_BYTES);
        if (!Arrays.equals(computed, stored)) {
            HexFormat hex = HexFormat.of();
            throw new ArchiveDamagedException(path + " is damaged: its SHA-256 is " + hex.formatHex(computed)
                    + ", and was " + hex.formatHex(stored) + " when it was made. Take another copy");
        }
        return stored;
    }

    private void requireSize(long wanted) {
        if (file.size() < wanted) {
            throw new ArchiveDamagedException(path + " is cut short: it has " + file.size() + " of " + wanted
                    + " bytes. Was the download finished?");
        }
        if (file.size() > wanted) {
            throw new ArchiveDamagedException(
                    path + " is damaged: it has " + file.size() + " bytes, and " + wanted + " when it was made");
        }
    }

    /**
     * Writes the files of the state to a new folder, durably.
     *
     * @throws ArchiveDamagedException if it ends before they do
     */
    public void unpack(Path target) {
        disk.createDirectory(target);
        long at = headerBytes;
        for (PackedFile packed : header.files()) {
            try (DiskFile out = disk.create(target.resolve(packed.name()))) {
                copy(at, packed, out);
                out.sync();
            }
            at += packed.sizeBytes();
        }
        disk.syncDirectory(target);
    }

    private void copy(long from, PackedFile packed, DiskFile out) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long done = 0; done < packed.sizeBytes(); ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, packed.sizeBytes() - done));
            int length = file.read(buffer, from + done);
            if (length == 0) {
                throw new ArchiveDamagedException(path + " is cut short: it ends within " + packed.name());
            }
            out.write(buffer.flip(), done);
            done += length;
        }
    }

    @Override
    public void close() {
        file.close();
    }
}

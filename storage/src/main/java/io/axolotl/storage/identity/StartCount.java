package io.axolotl.storage.identity;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * How often a data folder was started. The other members remember the last number they heard of a folder: one that tells
 * them a number which they have heard before is an old copy, and has forgotten what it promised since.
 *
 * <pre>
 * starts   24 bytes, all numbers big-endian
 *             0  8  magic "AXOLSTRT"
 *             8  4  format version, 1
 *            12  8  number of starts
 *            20  4  CRC32C of [0, 20)
 * </pre>
 *
 * <p>No state. Confined to the thread that starts the server.
 */
public final class StartCount {
    private static final long MAGIC = 0x41584F4C53545254L;
    private static final int FILE_VERSION = 1;
    private static final int FILE_BYTES = 24;
    private static final int CHECKSUM_AT = 20;

    private StartCount() {}

    /** Makes the file of a folder that was never started, durably. */
    static void create(Disk disk, Path path) {
        write(disk, path, 0);
    }

    /**
     * Counts one more start, durably.
     *
     * @return its number; the first is 1
     * @throws ForeignFolderException if the file is damaged
     * @throws NewerFormatException if a newer release wrote it
     */
    public static long next(Disk disk, Path path) {
        ByteBuffer in = ByteBuffer.wrap(disk.readAll(path));
        if (in.limit() != FILE_BYTES || in.getLong(0) != MAGIC || in.getInt(CHECKSUM_AT) != checksum(in)) {
            throw new ForeignFolderException("the file " + path + ", by which the other members tell this data folder"
                    + " from an old copy of it, is damaged. Put back an intact copy of the whole folder, or remove this"
                    + " member from the cluster and add it again with an empty data folder");
        }
        if (in.getInt(8) != FILE_VERSION) {
            throw new NewerFormatException(path, in.getInt(8), FILE_VERSION);
        }
        long next = in.getLong(12) + 1;
        write(disk, path, next);
        return next;
    }

    private static void write(Disk disk, Path path, long starts) {
        ByteBuffer out = ByteBuffer.allocate(FILE_BYTES);
        out.putLong(MAGIC).putInt(FILE_VERSION).putLong(starts);
        out.putInt(checksum(out));
        disk.replace(path, out.array());
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().limit(CHECKSUM_AT));
        return (int) crc.getValue();
    }
}

package io.axolotl.storage.wal;

/**
 * Sizes of the log. Immutable.
 *
 * @param segmentSizeBytes size of a segment file, a multiple of 512 and at least 4096; an entry that does not fit gets
 *     a larger file of its own
 * @param bufferBytes how much of a batch is gathered before it is handed to the operating system; more than that is
 *     written early, and synced with the rest
 * @param maxSpareSegments how many retired files are kept to be recycled
 */
public record WalOptions(int segmentSizeBytes, int bufferBytes, int maxSpareSegments) {
    private static final int LARGEST_SEGMENT_BYTES = 1 << 30;

    public WalOptions {
        if (segmentSizeBytes < 4096
                || segmentSizeBytes > LARGEST_SEGMENT_BYTES
                || segmentSizeBytes % WalFormat.SECTOR_BYTES != 0) {
            throw new IllegalArgumentException(
                    "a segment is a multiple of 512 bytes between 4096 bytes and 1 GiB, got " + segmentSizeBytes);
        }
        if (bufferBytes < 1 || maxSpareSegments < 0) {
            throw new IllegalArgumentException("the write buffer must be positive, the number of spares not negative");
        }
    }

    /** 16 MiB segments, 1 MiB of buffer, two spares. */
    public static WalOptions defaults() {
        return new WalOptions(16 << 20, 1 << 20, 2);
    }
}

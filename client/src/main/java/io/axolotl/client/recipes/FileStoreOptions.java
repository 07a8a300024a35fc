package io.axolotl.client.recipes;

/**
 * How a {@link FileStore} cuts files. Stores with different options can share files. Immutable.
 *
 * @param chunkBytes most bytes of one key's value, without some that are added
 * @param wholeBytes most bytes that are written by one transaction, which has to fit into one request; more take several calls
 * @param window chunks that are on their way at once, of one upload or one read: it needs memory for so many
 * @param leaseSeconds after how long an upload whose process is gone is given up
 */
public record FileStoreOptions(int chunkBytes, int wholeBytes, int window, long leaseSeconds) {
    /** Chunks of 256 KiB, 512 KiB in one transaction, four chunks at once, a minute. */
    public static final FileStoreOptions DEFAULT = new FileStoreOptions(256 << 10, 512 << 10, 4, 60);

    /** Operations of a transaction, of which the servers take 128. */
    static final int MAX_WHOLE_CHUNKS = 100;

    public FileStoreOptions {
        if (chunkBytes < 1 || window < 1 || leaseSeconds < 1 || wholeBytes < 0) {
            throw new IllegalArgumentException(
                    "chunkBytes, window and leaseSeconds must be 1 at least and wholeBytes 0, not " + chunkBytes + ", "
                            + window + ", " + leaseSeconds + " and " + wholeBytes);
        }
        wholeBytes = (int) Math.min(wholeBytes, (long) chunkBytes * MAX_WHOLE_CHUNKS);
    }

    public FileStoreOptions withChunkBytes(int bytes) {
        return new FileStoreOptions(bytes, wholeBytes, window, leaseSeconds);
    }

    public FileStoreOptions withWholeBytes(int bytes) {
        return new FileStoreOptions(chunkBytes, bytes, window, leaseSeconds);
    }

    public FileStoreOptions withWindow(int chunks) {
        return new FileStoreOptions(chunkBytes, wholeBytes, chunks, leaseSeconds);
    }

    public FileStoreOptions withLeaseSeconds(long seconds) {
        return new FileStoreOptions(chunkBytes, wholeBytes, window, seconds);
    }
}

package io.axolotl.storage.disk;

import java.nio.ByteBuffer;

/**
 * One open file, read and written by position. Reads are safe for all threads; writing, truncating, syncing and closing
 * belong to one thread at a time. Every failure is a {@link DiskException}.
 */
public interface DiskFile extends AutoCloseable {
    /**
     * Reads from {@code offset} until {@code target} is full or the file ends.
     *
     * @return bytes read, 0 at or after the end of the file
     */
    int read(ByteBuffer target, long offset);

    /** Writes all that remains in {@code source} to {@code offset}, growing the file if need be. Not durable yet. */
    void write(ByteBuffer source, long offset);

    /**
     * Makes everything written so far durable ({@code fdatasync}: data, and the size if it changed). After a failure
     * nothing is known of what was written since the last success, and a second try would prove nothing (pitfall 54).
     */
    void sync();

    /** Cuts the file to {@code sizeBytes}, which is no more than its size. Not durable until synced. */
    void truncate(long sizeBytes);

    long size();

    /** Lets go of the file. Does not sync. Closing twice does nothing. */
    @Override
    void close();
}

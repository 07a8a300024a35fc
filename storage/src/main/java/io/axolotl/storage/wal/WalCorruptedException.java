package io.axolotl.storage.wal;

import java.nio.file.Path;

/**
 * Bytes of the log that were durable are damaged or missing. The node must neither start nor answer as if its log were
 * shorter (pitfalls 55, 56). Nothing has been changed on disk.
 */
public class WalCorruptedException extends RuntimeException {
    private final transient Path file;
    private final long offset;
    private final long index;
    private final String what;

    /**
     * @param offset byte in {@code file} where the log stops making sense
     * @param index the first index that cannot be trusted
     */
    public WalCorruptedException(Path file, long offset, long index, String what) {
        super("the log is damaged in " + file + " at byte " + offset + ", from entry " + index + " on: " + what
                + ". Nothing was changed. This member acknowledged entries that it can no longer read, so it must not"
                + " go on with what is left. Put back an intact copy of the file, or remove this member from the"
                + " cluster and add it again with an empty data folder: the others will bring it forward");
        this.file = file;
        this.offset = offset;
        this.index = index;
        this.what = what;
    }

    /** The damaged or missing file. */
    public Path file() {
        return file;
    }

    /** Where and what, in one sentence without a remedy. */
    public String place() {
        return file + " at byte " + offset + ", from entry " + index + " on: " + what;
    }

    public long offset() {
        return offset;
    }

    public long index() {
        return index;
    }
}

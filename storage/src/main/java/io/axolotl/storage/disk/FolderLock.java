package io.axolotl.storage.disk;

/** The right of this process to a folder. Ends with {@link #close()} or with the process. Safe for all threads. */
public interface FolderLock extends AutoCloseable {
    /** Gives the folder back. Closing twice does nothing. */
    @Override
    void close();
}

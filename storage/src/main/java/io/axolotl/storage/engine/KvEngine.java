package io.axolotl.storage.engine;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An ordered key-value engine with atomic writes that become durable when flushed. See the package.
 *
 * <p>{@link #write} and {@link #get} are confined to the apply thread; all others are safe for all threads. A write or
 * flush that fails, but for lack of space, poisons the engine: that call and every later one raise {@link EngineException}, and the node stops
 * (pitfall 54). Calls after {@link #close} raise {@link IllegalStateException}.
 */
public interface KvEngine extends AutoCloseable {
    /** A new, empty write; the caller closes it before the engine. */
    AtomicWrite newWrite();

    /**
     * Makes the changes of {@code write} visible, all or none, and empties it.
     *
     * @throws EngineFullException if there is no room; then nothing has happened, and the same write may be tried again
     */
    void write(AtomicWrite write);

    /** The value of a key as of the last write, or null; the caller's to keep. */
    byte @Nullable [] get(Space space, byte[] key);

    /** The entries of a space as of the last write, from {@code from} on, before {@code toExclusive} unless null. */
    EngineCursor scan(Space space, byte[] from, byte @Nullable [] toExclusive);

    /** The state as of the last write, to be closed by the caller. */
    EngineView view();

    /** Returns once everything written before this call would survive a power cut. */
    void flush();

    /**
     * Flushes, and makes a copy of the engine's files in a new folder {@code target}, by hard links where files never
     * change. The caller syncs the folder that {@code target} is in.
     */
    void checkpoint(Path target);

    /**
     * Gives the space of removed entries of {@link Space#REV} back to the disk. Slow; for a quiet thread. {@link #close}
     * cuts it short.
     *
     * @throws ClosedException if this was closed before or meanwhile
     */
    void reclaim();

    /**
     * As {@link #reclaim}, for every space and down to the last file.
     *
     * @throws ClosedException if this was closed before or meanwhile
     */
    void defragment();

    /**
     * Reads the engine's files from the disk and holds them against their checksums, file by file. Slow; for a quiet
     * thread.
     *
     * @param read told the size of each file after it was read; may wait
     * @throws EngineException which tells of damage, and names the file, if one does not verify
     */
    void verifyFiles(LongConsumer read);

    /**
     * Reads one file that {@link #checkpoint} has linked, and holds it against the checksums in it.
     *
     * @throws EngineException which tells of damage, and names the file, if it does not verify
     */
    void verifyFile(Path file);

    /**
     * Whether a file of this name in a {@link #checkpoint} never changes once it is written, so that a hard link is as good
     * as a copy.
     */
    static boolean isImmutable(String name) {
        return name.endsWith(".sst");
    }

    /** Bytes on disk and in write buffers, roughly. */
    long sizeBytes();

    /** Bytes of what is live, roughly; at most {@link #sizeBytes}. */
    long liveBytes();

    /**
     * Waits for readers to leave, then lets go of everything. Does not flush: what was not flushed comes back by replay.
     * Calling it again does nothing.
     *
     * @throws IllegalStateException if readers do not leave in time; then nothing is let go of
     */
    @Override
    void close();
}

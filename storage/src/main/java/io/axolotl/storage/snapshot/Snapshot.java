package io.axolotl.storage.snapshot;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole snapshot, held so that it is not deleted while it is read. Close it when done.
 *
 * <p>Safe for all threads.
 */
public final class Snapshot implements AutoCloseable {
    private final SnapshotStore store;
    private final Disk disk;
    private final Path folder;
    private final SnapshotManifest manifest;

    /** The file that was read from last. One at a time: a snapshot may have more than a process may have open (D26). */
    private @Nullable OpenFile reading;

    private volatile boolean isVerified;

    /** Guarded by this, as is {@link #reading}. */
    private boolean isClosed;

    /** @param isVerified every file has just been held against the manifest */
    Snapshot(SnapshotStore store, Disk disk, Path folder, SnapshotManifest manifest, boolean isVerified) {
        this.store = store;
        this.disk = disk;
        this.folder = folder;
        this.manifest = manifest;
        this.isVerified = isVerified;
    }

    public SnapshotManifest manifest() {
        return manifest;
    }

    /** Where one of its files lies. */
    Path path(FileEntry file) {
        return SnapshotStore.filesOf(folder).resolve(file.name());
    }

    Path folder() {
        return folder;
    }

    /**
     * Bytes {@code [offset, offset + maxBytes)} of a file, fewer at its end.
     *
     * @throws IllegalArgumentException if the snapshot has no such file or the offset is outside it
     * @throws SnapshotDamagedException if the file is missing or shorter than the manifest says
     */
    public byte[] read(String file, long offset, int maxBytes) {
        FileEntry entry = manifest.file(file)
                .orElseThrow(() -> new IllegalArgumentException("snapshot " + folder + " has no file " + file));
        if (offset < 0 || offset > entry.sizeBytes() || maxBytes < 0) {
            throw new IllegalArgumentException(
                    "offset " + offset + " in " + file + " of " + entry.sizeBytes() + " bytes");
        }
        byte[] bytes = new byte[(int) Math.min(maxBytes, entry.sizeBytes() - offset)];
        if (read(entry, ByteBuffer.wrap(bytes), offset) < bytes.length) {
            throw damaged(path(entry), "it ends before " + entry.sizeBytes() + " bytes");
        }
        return bytes;
    }

    /** One of its files. */
    private record OpenFile(FileEntry entry, DiskFile file) {}

    private synchronized int read(FileEntry entry, ByteBuffer target, long offset) {
        if (isClosed) {
            throw new IllegalStateException("snapshot " + folder + " is closed");
        }
        OpenFile current = reading;
        if (current == null || !current.entry.equals(entry)) {
            closeReading();
            if (!disk.exists(path(entry))) {
                throw damaged(path(entry), "it is missing");
            }
            current = new OpenFile(entry, disk.open(path(entry)));
            reading = current;
        }
        return current.file.read(target, offset);
    }

    private void closeReading() {
        OpenFile current = reading;
        if (current != null) {
            reading = null;
            current.file.close();
        }
    }

    /**
     * Holds what a reader has computed over all bytes of a file against the manifest.
     *
     * @throws SnapshotDamagedException if it is something else
     */
    public void requireChecksum(FileEntry file, int crc32c) {
        if (crc32c != file.crc32c()) {
            throw damaged(path(file), "its checksum does not match");
        }
    }

    /**
     * Holds every file against the manifest; reads all of them unless that has just been done.
     *
     * @throws SnapshotDamagedException naming the first file that does not match
     */
    public void verify() {
        verify(() -> {});
    }

    /** @param progress told after each bounded part */
    void verify(Runnable progress) {
        verify(read -> progress.run());
    }

    /** @param read told how many bytes were read, after each bounded part */
    void verify(LongConsumer read) {
        if (isVerified) {
            return;
        }
        for (FileEntry expected : manifest.files()) {
            Path path = path(expected);
            if (!disk.exists(path)) {
                throw damaged(path, "it is missing");
            }
            verify(disk, path, expected, read);
        }
        isVerified = true;
    }

    static void verify(Disk disk, Path path, FileEntry expected, LongConsumer read) {
        FileEntry found = FileChecksum.entryOf(disk, path, read);
        if (!found.equals(expected)) {
            String what = found.sizeBytes() == expected.sizeBytes()
                    ? "its checksum does not match"
                    : "it has " + found.sizeBytes() + " bytes instead of " + expected.sizeBytes();
            throw damaged(path, what);
        }
    }

    /** Its state is the live one from now on. */
    void installed() {
        store.reached(manifest.last());
    }

    /** What to throw when its files are what the manifest says, and yet hold no state, or another one. */
    public SnapshotDamagedException holdsNoState(String why, @Nullable Throwable cause) {
        SnapshotDamagedException damage = damaged(
                folder, "its files are what its manifest says, but not the state of " + manifest.last() + ": " + why);
        damage.initCause(cause);
        return damage;
    }

    private static SnapshotDamagedException damaged(Path path, String what) {
        return new SnapshotDamagedException(path, what, "It is not used; another one will be taken or received.");
    }

    @Override
    public void close() {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            closeReading();
        }
        store.unpin(folder);
    }
}

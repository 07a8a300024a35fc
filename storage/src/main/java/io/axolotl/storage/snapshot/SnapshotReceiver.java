package io.axolotl.storage.snapshot;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that is being received, file by file, each from its beginning to its end. The files may come in any order,
 * and a broken connection costs nothing: {@link #received} says where to go on. Files that this member holds already,
 * with the same name, size and checksum, count as received from the start.
 *
 * <p>Confined to one thread at a time.
 */
public final class SnapshotReceiver {
    private final SnapshotStore store;
    private final Disk disk;
    private final Path partial;
    private final SnapshotManifest manifest;
    private final Map<String, Incoming> incoming = new HashMap<>();
    private boolean isOver;

    /** A file on its way in. */
    private static final class Incoming {
        private final FileEntry expected;
        private @Nullable DiskFile file;
        private CRC32C crc = new CRC32C();
        private long receivedBytes;
        /** Linked from another snapshot: its checksum is what that one's manifest says, and must be computed. */
        private boolean isLinked;
        /** Held against the manifest and synced. */
        private boolean isFinished;

        Incoming(FileEntry expected) {
            this.expected = expected;
        }
    }

    SnapshotReceiver(SnapshotStore store, Disk disk, Path partial, SnapshotManifest manifest) {
        this.store = store;
        this.disk = disk;
        this.partial = partial;
        this.manifest = manifest;
        manifest.files().forEach(file -> incoming.put(file.name(), new Incoming(file)));
    }

    /** Links in what older snapshots of this member have in common with this one. */
    void reuse(Collection<Path> snapshots) {
        for (Path snapshot : snapshots) {
            Optional<SnapshotManifest> theirs = store.manifestOf(snapshot);
            if (theirs.isEmpty()) {
                continue;
            }
            for (FileEntry held : theirs.get().files()) {
                Incoming wanted = incoming.get(held.name());
                Path source = SnapshotStore.filesOf(snapshot).resolve(held.name());
                if (wanted != null
                        && !wanted.isLinked
                        && wanted.expected.equals(held)
                        && KvEngine.isImmutable(held.name())
                        && disk.exists(source)) {
                    disk.link(source, pathOf(held));
                    wanted.isLinked = true;
                    wanted.receivedBytes = held.sizeBytes();
                }
            }
        }
    }

    /** Links in what an unfinished transfer of another snapshot has received of files that this one has too. */
    void takeOver(SnapshotReceiver other) {
        if (other.isOver) {
            return;
        }
        for (Incoming theirs : other.incoming.values()) {
            Incoming ours = incoming.get(theirs.expected.name());
            if (ours == null || ours.isLinked || !ours.expected.equals(theirs.expected) || theirs.receivedBytes == 0) {
                continue;
            }
            close(theirs);
            // A rename between folders would be durable only with both of them; the other one is deleted anyway.
            disk.link(other.pathOf(theirs.expected), pathOf(ours.expected));
            ours.crc = theirs.crc;
            ours.receivedBytes = theirs.receivedBytes;
            ours.isLinked = theirs.isLinked;
            ours.isFinished = theirs.isFinished;
        }
    }

    public SnapshotManifest manifest() {
        return manifest;
    }

    /** Bytes of a file that need not be sent again. */
    public long received(String file) {
        return of(file).receivedBytes;
    }

    /** Bytes of all files that need not be sent again. */
    public long receivedBytes() {
        return incoming.values().stream().mapToLong(file -> file.receivedBytes).sum();
    }

    /**
     * Takes in the bytes {@code [offset, offset + chunk.length)} of a file. Offset 0 begins the file anew; what lies
     * wholly before {@link #received} is known and ignored.
     *
     * @param crc32c over the chunk
     * @throws IllegalArgumentException if the snapshot has no such file, the chunk leaves a gap or passes the end, or its
     *     checksum does not match; nothing of it is kept then
     * @throws SnapshotDamagedException if the file is at its end and is not what the manifest says; it counts as not
     *     received then
     */
    public void write(String file, long offset, byte[] chunk, int crc32c) {
        refuseIfOver();
        Incoming target = of(file);
        CRC32C crc = new CRC32C();
        crc.update(chunk);
        if ((int) crc.getValue() != crc32c) {
            throw new IllegalArgumentException(
                    "bytes " + offset + " to " + (offset + chunk.length) + " of " + file + " were damaged on the way");
        }
        if (offset < 0 || offset > target.expected.sizeBytes() - chunk.length) {
            throw new IllegalArgumentException("bytes " + offset + " to " + (offset + chunk.length) + " are outside "
                    + file + " of " + target.expected.sizeBytes() + " bytes");
        }
        if (offset == 0 && target.receivedBytes > 0) {
            beginAnew(target);
        }
        if (offset + chunk.length <= target.receivedBytes && offset > 0) {
            return;
        }
        if (offset != target.receivedBytes) {
            throw new IllegalArgumentException(
                    "bytes from " + offset + " of " + file + " leave a gap after " + target.receivedBytes);
        }
        opened(target).write(ByteBuffer.wrap(chunk), offset);
        target.crc.update(chunk);
        target.receivedBytes += chunk.length;
        if (target.receivedBytes == target.expected.sizeBytes()) {
            // At once, not at the end: a snapshot may have more files than a process may have open (D26).
            finish(target);
        }
    }

    private void requireExpected(Incoming file) {
        if ((int) file.crc.getValue() != file.expected.crc32c()) {
            beginAnew(file);
            throw new SnapshotDamagedException(
                    pathOf(file.expected), "what was received does not match the manifest", "It is to be sent again.");
        }
    }

    private void beginAnew(Incoming target) {
        close(target);
        if (disk.exists(pathOf(target.expected))) {
            disk.delete(pathOf(target.expected));
        }
        target.crc = new CRC32C();
        target.receivedBytes = 0;
        target.isLinked = false;
        target.isFinished = false;
    }

    private DiskFile opened(Incoming target) {
        DiskFile file = target.file;
        if (file == null) {
            Path path = pathOf(target.expected);
            file = disk.exists(path) ? disk.open(path) : disk.create(path);
            target.file = file;
        }
        return file;
    }

    /**
     * Holds every file against the manifest, syncs them, and gives the snapshot its final name: from here on it survives
     * a power cut, before here nothing of it does. For the caller to close.
     *
     * @throws IllegalStateException if something has not been received yet
     * @throws SnapshotDamagedException naming the first file that does not match; it counts as not received then, and
     *     the transfer may go on with it
     */
    public Snapshot finish() {
        refuseIfOver();
        for (FileEntry expected : manifest.files()) {
            Incoming file = of(expected.name());
            if (file.receivedBytes != expected.sizeBytes()) {
                throw new IllegalStateException("snapshot " + manifest.last() + " is not complete: " + expected.name()
                        + " has " + file.receivedBytes + " of " + expected.sizeBytes() + " bytes");
            }
            finish(file);
        }
        isOver = true;
        return store.publishReceived(partial, manifest);
    }

    private void finish(Incoming file) {
        if (file.isFinished) {
            return;
        }
        Path path = pathOf(file.expected);
        if (file.isLinked) {
            try {
                Snapshot.verify(disk, path, file.expected, read -> {});
            } catch (SnapshotDamagedException e) {
                beginAnew(file);
                throw e;
            }
            file.isFinished = true;
            return;
        }
        requireExpected(file);
        opened(file).sync();
        close(file);
        file.isFinished = true;
    }

    /** Gives up, and removes what was received. */
    public void abandon() {
        if (!isOver) {
            isOver = true;
            incoming.values().forEach(SnapshotReceiver::close);
            disk.deleteTree(partial);
        }
    }

    boolean isOver() {
        return isOver;
    }

    private static void close(Incoming target) {
        DiskFile file = target.file;
        if (file != null) {
            file.close();
            target.file = null;
        }
    }

    private Incoming of(String file) {
        Incoming found = incoming.get(file);
        if (found == null) {
            throw new IllegalArgumentException("snapshot " + manifest.last() + " has no file " + file);
        }
        return found;
    }

    private Path pathOf(FileEntry file) {
        return SnapshotStore.filesOf(partial).resolve(file.name());
    }

    private void refuseIfOver() {
        if (isOver) {
            throw new IllegalStateException("snapshot " + manifest.last() + " is not being received any more");
        }
    }
}

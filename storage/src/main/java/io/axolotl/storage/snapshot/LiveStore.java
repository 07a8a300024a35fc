package io.axolotl.storage.snapshot;

import io.axolotl.storage.bytes.ByteSink;
import io.axolotl.storage.bytes.ByteSource;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Knows which folder holds the live state, and replaces it as a whole. The live folder is named by one small pointer file,
 * drawn in docs/formats/snapshot-manifest.md; a snapshot is built into a new folder beside it, opened there, and then the
 * pointer is replaced in one durable step. Whatever a crash leaves, the pointer names a complete folder (D27).
 *
 * <p>Safe for all threads: while one installs, another may delete what an earlier install has replaced.
 */
public final class LiveStore {
    private static final String POINTER = "CURRENT";
    private static final byte[] MAGIC = "AXLV".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int SIZE_BYTES = 4 + 1 + Long.BYTES + Integer.BYTES;

    private final Disk disk;
    private final Path folder;

    /** @param folder must exist */
    public LiveStore(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /**
     * The folder of the live state. A member that never had one gets an empty folder.
     *
     * @throws SnapshotDamagedException if the pointer is damaged, or missing or wrong beside folders that hold something
     */
    public synchronized Path current() {
        Path pointer = folder.resolve(POINTER);
        if (disk.exists(pointer)) {
            Path live = folder.resolve(Long.toString(readPointer(pointer)));
            if (!disk.isDirectory(live)) {
                throw new SnapshotDamagedException(pointer, "it names " + live + ", which is missing", REMEDY);
            }
            return live;
        }
        for (Path path : disk.list(folder)) {
            if (disk.isDirectory(path) && !disk.list(path).isEmpty()) {
                throw new SnapshotDamagedException(pointer, "it is missing, but " + path + " holds something", REMEDY);
            }
        }
        Path first = folder.resolve("1");
        disk.createDirectoryAnew(first);
        disk.replace(pointer, pointerTo(1));
        return first;
    }

    private static final String REMEDY = "Move the member's data folder away and let it rejoin from the others.";

    /**
     * Builds a snapshot's state in a new folder beside the live one, durably. Nothing points to it: it becomes the live state
     * by {@link #makeLive}, or is given up by {@link #delete}; the next start drops it otherwise.
     *
     * @param progress told after each bounded part of the work, which as a whole takes as long as the snapshot is large
     * @return the new folder
     * @throws SnapshotDamagedException if a file of the snapshot does not match its manifest; nothing has changed then
     */
    public Path build(Snapshot snapshot, Runnable progress) {
        snapshot.verify(progress);
        return buildVerified(snapshot, progress);
    }

    private synchronized Path buildVerified(Snapshot snapshot, Runnable progress) {
        Path next = folder.resolve(Long.toString(numberOf(current()) + 1));
        disk.deleteTree(next);
        disk.createDirectory(next);
        for (FileEntry file : snapshot.manifest().files()) {
            Path target = next.resolve(file.name());
            progress.run();
            if (KvEngine.isImmutable(file.name())) {
                disk.link(snapshot.path(file), target);
            } else {
                // The engine may append to these: the snapshot must keep its own.
                FileChecksum.copy(disk, snapshot.path(file), target, progress);
            }
        }
        disk.syncDirectory(next);
        disk.syncDirectory(folder);
        return next;
    }

    /**
     * Puts what {@link #build} has built in place of the live state, in one durable step. To be called once it has turned out
     * to open: what is live cannot be taken back. Both states may be open. The folder of the old one stays until {@link
     * #delete}. After a crash in here {@link #current} is the one or the other, and doing it again is harmless.
     */
    public synchronized void makeLive(Path built, Snapshot snapshot) {
        disk.replace(folder.resolve(POINTER), pointerTo(numberOf(built)));
        snapshot.installed();
    }

    /** Deletes the folder of a state that is not live, or not any more, and that nobody uses. */
    public synchronized void delete(Path unused) {
        if (unused.equals(current())) {
            throw new IllegalArgumentException(unused + " is the live state and must not be deleted");
        }
        disk.deleteTree(unused);
        disk.syncDirectory(folder);
    }

    /**
     * Deletes every folder but the live one: those of before, and those that a crash left unfinished. For the start, when
     * no state is open but perhaps the live one.
     */
    public synchronized void deleteOthers() {
        Path live = current();
        // What is shown of the pointer may not be durable, and what is durable may name one of those that go.
        disk.replace(folder.resolve(POINTER), pointerTo(numberOf(live)));
        List<Path> all = disk.list(folder);
        for (Path path : all) {
            if (disk.isDirectory(path) && !path.equals(live)) {
                disk.deleteTree(path);
            }
        }
        disk.syncDirectory(folder);
    }

    private static long numberOf(Path live) {
        return Long.parseLong(String.valueOf(live.getFileName()));
    }

    private static byte[] pointerTo(long number) {
        ByteSink out = ByteSink.ofSize(SIZE_BYTES);
        out.raw(MAGIC);
        out.u8(VERSION);
        out.i64(number);
        out.i32(0);
        byte[] bytes = out.toArray();
        ByteSink.putInt(bytes, SIZE_BYTES - Integer.BYTES, crcBeforeTail(bytes));
        return bytes;
    }

    private long readPointer(Path pointer) {
        byte[] bytes = disk.readAll(pointer);
        if (bytes.length < MAGIC.length + 1 || !Arrays.equals(Arrays.copyOf(bytes, MAGIC.length), MAGIC)) {
            throw new SnapshotDamagedException(pointer, "it does not begin as a pointer does", REMEDY);
        }
        int version = bytes[MAGIC.length] & 0xff;
        if (version > VERSION) {
            throw new NewerFormatException(pointer, version, VERSION);
        }
        if (version != VERSION
                || bytes.length != SIZE_BYTES
                || crcBeforeTail(bytes) != ByteSource.getInt(bytes, SIZE_BYTES - Integer.BYTES)) {
            throw new SnapshotDamagedException(pointer, "its checksum does not match", REMEDY);
        }
        return ByteSource.getLong(bytes, MAGIC.length + 1);
    }

    private static int crcBeforeTail(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }
}

package io.axolotl.storage.disk;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The disk of the machine, by way of {@link FileChannel}.
 *
 * <p>Directories are synced by forcing a channel that was opened on them for reading, which Linux and macOS allow.
 * Directories are made for their owner alone (mode 0700). Every operation that can hang is known to the {@link DiskMonitor} while it runs. Safe for all threads.
 */
public final class RealDisk implements Disk {
    /** As etcd makes its folders: what is in them is for the user of the process and for nobody else. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final String LOCK_FILE = "LOCK";

    /** Less than this is no room; nothing that is written here at once is smaller and still fails for want of it. */
    private static final long NO_ROOM_BYTES = 1 << 16;

    /** Keys of the folders that are locked by this process, by whichever disk object. */
    private static final Set<Object> HELD_BY_THIS_PROCESS = ConcurrentHashMap.newKeySet();

    private final DiskMonitor monitor;

    public RealDisk(DiskMonitor monitor) {
        this.monitor = monitor;
    }

    @Override
    public DiskFile create(Path file) {
        return takingRoom(
                "create",
                file,
                () -> new RealFile(
                        file,
                        FileChannel.open(
                                file,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)));
    }

    @Override
    public DiskFile open(Path file) {
        return timed(
                "open",
                file,
                () -> new RealFile(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)));
    }

    @Override
    public void rename(Path from, Path to) {
        takingRoom(
                "rename to " + to + " the file",
                from,
                () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING));
    }

    @Override
    public void link(Path existing, Path link) {
        takingRoom("link to " + existing, link, () -> Files.createLink(link, existing));
    }

    @Override
    public void delete(Path path) {
        timed("delete", path, () -> {
            Files.delete(path);
            return path;
        });
    }

    @Override
    public void createDirectory(Path directory) {
        takingRoom("create directory", directory, () -> Files.createDirectory(directory, OWNER_ALONE));
    }

    @Override
    public void syncDirectory(Path directory) {
        timed("sync directory", directory, () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
            return directory;
        });
    }

    @Override
    public List<Path> list(Path directory) {
        return timed("list", directory, () -> {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.sorted().toList();
            }
        });
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public long usableBytes(Path path) {
        return timed("ask for the free space of", path, () -> freeBytes(path, 0));
    }

    /**
     * Locks the file {@code LOCK} in the folder. The file stays behind; only the lock of the system counts.
     *
     * <p>Folders that this process holds are looked up before the lock file is opened: on POSIX systems closing any
     * handle of a file gives up all locks that the process has on it, so a refused second attempt would silently end
     * the first one's lock.
     */
    @Override
    public FolderLock lock(Path folder) {
        return timed("lock folder", folder, () -> {
            Object key = keyOf(folder);
            if (!HELD_BY_THIS_PROCESS.add(key)) {
                throw new FolderLockedException(folder);
            }
            FileChannel channel = null;
            boolean isTaken = false;
            try {
                channel = FileChannel.open(
                        folder.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (channel.tryLock() == null) {
                    throw new FolderLockedException(folder);
                }
                isTaken = true;
                return new RealFolderLock(folder, key, channel);
            } finally {
                if (!isTaken) {
                    if (channel != null) {
                        channel.close();
                    }
                    HELD_BY_THIS_PROCESS.remove(key);
                }
            }
        });
    }

    /** The same for every path that leads to the folder, through links and other mounts too where the system can tell. */
    private static Object keyOf(Path folder) throws IOException {
        Object fileKey = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
        return fileKey != null ? fileKey : folder.toRealPath();
    }

    /** An operation of the JDK that may fail. */
    private interface Operation<T> {
        T run() throws IOException;
    }

    /** What an exception of the JDK means here. */
    private interface Failure {
        DiskException of(Path path, String what, IOException e);
    }

    private <T> T timed(String what, Path path, Operation<T> operation) {
        return timed(what, path, operation, RealDisk::failure);
    }

    private <T> T takingRoom(String what, Path path, Operation<T> operation) {
        return timed(what, path, operation, RealDisk::failureToTakeRoom);
    }

    private <T> T timed(String what, Path path, Operation<T> operation, Failure failure) {
        int ticket = monitor.begin(what + " " + path);
        try {
            return operation.run();
        } catch (IOException e) {
            throw failure.of(path, what, e);
        } finally {
            monitor.end(ticket);
        }
    }

    private static DiskException failure(Path path, String what, IOException e) {
        return isForWantOfRoom(e) ? new DiskFullException(path, what, e) : new DiskException(path, what, e);
    }

    private static DiskException failureToTakeRoom(Path path, String what, IOException e) {
        return isForWantOfRoom(e, () -> usableBesides(path))
                ? new DiskFullException(path, what, e)
                : failure(path, what, e);
    }

    private static boolean isForWantOfRoom(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    /**
     * Of an operation that takes up room. The system gives its reason as a text, in the language of the process: where that
     * is none that is known here, no room explains it. Not of a sync: after that has failed nothing may be tried again
     * (pitfall 54).
     */
    static boolean isForWantOfRoom(IOException e, LongSupplier usableBytes) {
        boolean isUnexplained = e.getClass() == IOException.class || e.getClass() == FileSystemException.class;
        return isForWantOfRoom(e) || (isUnexplained && usableBytes.getAsLong() < NO_ROOM_BYTES);
    }

    /**
     * Not by {@link Files#getFileStore}, which looks for the file system among the mounts first and fails where it does not find it, as in a
     * changed root folder.
     *
     * @param untold what to say where the system does not tell
     */
    private static long freeBytes(Path path, long untold) throws IOException {
        File file = path.toFile();
        long bytes = file.getUsableSpace();
        if (bytes > 0) {
            return bytes;
        }
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        return file.getTotalSpace() > 0 ? 0 : untold;
    }

    private static long usableBesides(Path path) {
        try {
            Path parent = path.toAbsolutePath().getParent();
            return freeBytes(parent == null ? path : parent, Long.MAX_VALUE);
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private record RealFolderLock(Path folder, Object key, FileChannel channel) implements FolderLock {
        @Override
        public void close() {
            if (!channel.isOpen()) {
                return;
            }
            try {
                channel.close();
            } catch (IOException e) {
                throw failure(folder, "unlock folder", e);
            } finally {
                HELD_BY_THIS_PROCESS.remove(key);
            }
        }
    }

    /** Descriptions are made once: writes and syncs run for every batch. */
    private final class RealFile implements DiskFile {
        private final Path path;
        private final FileChannel channel;
        private final String reading;
        private final String writing;
        private final String syncing;

        RealFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
            this.reading = "read " + path;
            this.writing = "write " + path;
            this.syncing = "sync " + path;
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            int ticket = monitor.begin(reading);
            try {
                int total = 0;
                while (target.hasRemaining()) {
                    int read = channel.read(target, offset + total);
                    if (read < 0) {
                        break;
                    }
                    total += read;
                }
                return total;
            } catch (IOException e) {
                throw failure(path, "read", e);
            } finally {
                monitor.end(ticket);
            }
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            int ticket = monitor.begin(writing);
            try {
                long at = offset;
                while (source.hasRemaining()) {
                    at += channel.write(source, at);
                }
            } catch (IOException e) {
                throw failureToTakeRoom(path, "write", e);
            } finally {
                monitor.end(ticket);
            }
        }

        @Override
        public void sync() {
            int ticket = monitor.begin(syncing);
            try {
                channel.force(false);
            } catch (IOException e) {
                throw failure(path, "sync", e);
            } finally {
                monitor.end(ticket);
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            timed("truncate", path, () -> channel.truncate(sizeBytes));
        }

        @Override
        public long size() {
            return timed("ask for the size of", path, channel::size);
        }

        @Override
        public void close() {
            timed("close", path, () -> {
                channel.close();
                return path;
            });
        }
    }
}

package io.axolotl.storage.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The file system as durable code sees it. What each call promises after a power cut is part of its meaning:
 *
 * <ul>
 *   <li>bytes survive once {@link DiskFile#sync()} has returned; before that any part of them may, at the granularity
 *       of 512-byte sectors and in any order;
 *   <li>creations, links, renames and deletions survive once {@link #syncDirectory} of their directory has returned;
 *       before that each may or may not. A rename is never half done.
 * </ul>
 *
 * <p>Every failure is a {@link DiskException}. Safe for all threads.
 */
public interface Disk {
    /** What {@link #nameAnew} adds to a name in between. */
    String RENAMED = ".renamed";

    /** Creates an empty file and opens it. Fails if the name is taken. */
    DiskFile create(Path file);

    /** Opens an existing file for reading and writing. */
    DiskFile open(Path file);

    /** Gives {@code from} the name {@code to}, atomically, replacing a file of that name. */
    void rename(Path from, Path to);

    /** Gives an existing file a second name. Fails if the name is taken. */
    void link(Path existing, Path link);

    /** Removes a file, or a directory that is empty. Open handles of the file stay usable. */
    void delete(Path path);

    /** Creates one directory whose parent exists. Fails if the name is taken. */
    void createDirectory(Path directory);

    /** Makes the entries of {@code directory} durable: names given, taken and removed in it. */
    void syncDirectory(Path directory);

    /** What is in {@code directory}, as full paths in the order of their names. */
    List<Path> list(Path directory);

    boolean exists(Path path);

    boolean isDirectory(Path path);

    /** Bytes that may still be written on the file system that holds {@code path}. */
    long usableBytes(Path path);

    /**
     * Takes {@code folder} for this process until the lock is closed or the process ends. The folder must exist.
     *
     * @throws FolderLockedException if another process, or another part of this one, has it
     */
    FolderLock lock(Path folder);

    /** Creates {@code directory} and every missing parent, durably: each new name has been synced on return. */
    default void createDirectories(Path directory) {
        if (isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new DiskException(directory, "create directory", "the root of the file system is missing");
        }
        createDirectories(parent);
        createDirectory(directory);
        syncDirectory(parent);
    }

    /**
     * As {@link #createDirectories}, where a start that came to nothing may have made it before: then its name may be one that is
     * only shown, and is given anew.
     */
    default void createDirectoryAnew(Path directory) {
        if (isDirectory(directory)) {
            nameAnew(directory);
        } else {
            createDirectories(directory);
        }
    }

    /**
     * Gives a file or directory that is shown the name that it has, durably: the sync of its name may have failed in an earlier
     * life, and then another sync does not make up for it (pitfall 54). After a crash in between it is called {@code
     * <name>.renamed1} or the like, so this is for what nothing rests on yet.
     */
    default void nameAnew(Path path) {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null) {
            throw new DiskException(path, "rename", "it has no directory");
        }
        int number = 1;
        while (exists(path.resolveSibling(path.getFileName() + RENAMED + number))) {
            number++;
        }
        Path other = path.resolveSibling(path.getFileName() + RENAMED + number);
        rename(path, other);
        rename(other, path);
        syncDirectory(directory);
    }

    /** The whole content of a small file. */
    default byte[] readAll(Path file) {
        try (DiskFile opened = open(file)) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(opened.size()));
            int read = opened.read(content, 0);
            if (read != content.capacity()) {
                throw new DiskException(file, "read", "it shrank while it was read");
            }
            return content.array();
        }
    }

    /**
     * Gives {@code file} this content, durably and at once: after a crash it has either its old content (or is still
     * missing) or the new one (pitfall 6). Writes beside it under the name with {@code .tmp} appended.
     */
    default void replace(Path file, byte[] content) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new DiskException(file, "replace", "it has no directory");
        }
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        if (exists(temporary)) {
            delete(temporary);
        }
        try (DiskFile opened = create(temporary)) {
            opened.write(ByteBuffer.wrap(content), 0);
            opened.sync();
        }
        rename(temporary, file);
        syncDirectory(directory);
    }

    /** Removes {@code path} and, if it is a directory, everything in it. Does not sync. No-op if it does not exist. */
    default void deleteTree(Path path) {
        if (!exists(path)) {
            return;
        }
        if (isDirectory(path)) {
            list(path).forEach(this::deleteTree);
        }
        delete(path);
    }
}

package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk.Operation;
import io.axolotl.storage.disk.FolderLock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A disk that passes every call on to another one, and says of each change that it is about to happen.
 *
 * <p>Confined to the simulation's thread.
 */
abstract class ForwardingDisk implements Disk {
    private final Disk target;

    ForwardingDisk(Disk target) {
        this.target = target;
    }

    /** Called before each change. @return whether the change is to be passed on */
    protected abstract boolean before(Operation operation, Path path);

    /** A sync has failed below. */
    protected void failed(Operation operation, DiskException failure) {
        throw failure;
    }

    @Override
    public DiskFile create(Path file) {
        before(Operation.CREATE, file);
        return new ForwardingFile(file, target.create(file));
    }

    @Override
    public DiskFile open(Path file) {
        return new ForwardingFile(file, target.open(file));
    }

    @Override
    public void rename(Path from, Path to) {
        if (before(Operation.RENAME, from)) {
            target.rename(from, to);
        }
    }

    @Override
    public void link(Path existing, Path link) {
        if (before(Operation.LINK, link)) {
            target.link(existing, link);
        }
    }

    @Override
    public void delete(Path path) {
        if (before(Operation.DELETE, path)) {
            target.delete(path);
        }
    }

    @Override
    public void createDirectory(Path directory) {
        if (before(Operation.CREATE_DIRECTORY, directory)) {
            target.createDirectory(directory);
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        if (before(Operation.SYNC_DIRECTORY, directory)) {
            try {
                target.syncDirectory(directory);
            } catch (DiskException e) {
                failed(Operation.SYNC_DIRECTORY, e);
            }
        }
    }

    @Override
    public List<Path> list(Path directory) {
        return target.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        return target.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return target.isDirectory(path);
    }

    @Override
    public long usableBytes(Path path) {
        return target.usableBytes(path);
    }

    @Override
    public FolderLock lock(Path folder) {
        return target.lock(folder);
    }

    private final class ForwardingFile implements DiskFile {
        private final Path path;
        private final DiskFile file;

        ForwardingFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long offset) {
            return file.read(into, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            if (before(Operation.WRITE, path)) {
                file.write(source, offset);
            }
        }

        @Override
        public void sync() {
            if (before(Operation.SYNC, path)) {
                try {
                    file.sync();
                } catch (DiskException e) {
                    failed(Operation.SYNC, e);
                }
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            if (before(Operation.TRUNCATE, path)) {
                file.truncate(sizeBytes);
            }
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}

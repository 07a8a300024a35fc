package io.axolotl.testkit;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FolderLock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The real disk, in the troubles of one node, for one life of it. When that is over nothing is changed any more: what a killed
 * process had written is there, what it was about to write is not. It may look, close and unlock, and what it tidies up stays as it
 * was, for the node is let go of in order, which a process is not. Safe for all threads.
 */
final class TroubledDisk implements Disk {
    private final Disk real;
    private final DiskTroubles troubles;
    private final DiskTroubles.Life life;

    TroubledDisk(Disk real, DiskTroubles troubles, DiskTroubles.Life life) {
        this.real = real;
        this.troubles = troubles;
        this.life = life;
    }

    private void pass(Path path, String operation) {
        pass(path, operation, false);
    }

    private void pass(Path path, String operation, boolean isSync) {
        troubles.await(isSync, life);
        if (life.isOver()) {
            throw new DiskException(path, operation, "the node has been ended");
        }
    }

    private void look() {
        troubles.await(false, life);
    }

    @Override
    public DiskFile create(Path file) {
        pass(file, "create");
        return new TroubledFile(file, real.create(file));
    }

    @Override
    public DiskFile open(Path file) {
        look();
        return new TroubledFile(file, real.open(file));
    }

    @Override
    public void rename(Path from, Path to) {
        pass(from, "rename");
        real.rename(from, to);
    }

    @Override
    public void link(Path existing, Path link) {
        pass(link, "link");
        real.link(existing, link);
    }

    @Override
    public void delete(Path path) {
        look();
        if (life.isOver()) {
            return;
        }
        long bytes = troubles.isFull() && !real.isDirectory(path) ? sizeBytes(path) : 0;
        real.delete(path);
        troubles.giveBack(bytes);
    }

    private long sizeBytes(Path path) {
        try (DiskFile file = real.open(path)) {
            return file.size();
        }
    }

    @Override
    public void createDirectory(Path directory) {
        pass(directory, "create directory");
        real.createDirectory(directory);
    }

    @Override
    public void syncDirectory(Path directory) {
        pass(directory, "sync directory", true);
        real.syncDirectory(directory);
    }

    @Override
    public List<Path> list(Path directory) {
        look();
        return real.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        look();
        return real.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        look();
        return real.isDirectory(path);
    }

    @Override
    public long usableBytes(Path path) {
        look();
        return troubles.usableBytes(real.usableBytes(path));
    }

    @Override
    public FolderLock lock(Path folder) {
        pass(folder, "lock folder");
        return real.lock(folder);
    }

    private final class TroubledFile implements DiskFile {
        private final Path path;
        private final DiskFile file;

        TroubledFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long offset) {
            look();
            return file.read(target, offset);
        }

        @Override
        public void write(ByteBuffer source, long offset) {
            pass(path, "write");
            if (troubles.isFull()) {
                troubles.take(offset + source.remaining() - file.size(), path, "write");
            }
            file.write(source, offset);
        }

        @Override
        public void sync() {
            pass(path, "sync", true);
            file.sync();
        }

        @Override
        public void truncate(long sizeBytes) {
            pass(path, "truncate");
            long before = file.size();
            file.truncate(sizeBytes);
            troubles.giveBack(before - sizeBytes);
        }

        @Override
        public long size() {
            look();
            return file.size();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}

package io.axolotl.jepsen.front;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FolderLock;
import java.nio.file.Path;
import java.util.List;

/** A disk that has another one do everything. Threads as the other one has it. */
public abstract class DiskInFront implements Disk {
    protected final Disk disk;

    protected DiskInFront(Disk disk) {
        this.disk = disk;
    }

    @Override
    public DiskFile create(Path file) {
        return disk.create(file);
    }

    @Override
    public DiskFile open(Path file) {
        return disk.open(file);
    }

    @Override
    public void rename(Path from, Path to) {
        disk.rename(from, to);
    }

    @Override
    public void link(Path existing, Path link) {
        disk.link(existing, link);
    }

    @Override
    public void delete(Path path) {
        disk.delete(path);
    }

    @Override
    public void createDirectory(Path directory) {
        disk.createDirectory(directory);
    }

    @Override
    public void syncDirectory(Path directory) {
        disk.syncDirectory(directory);
    }

    @Override
    public List<Path> list(Path directory) {
        return disk.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public boolean isDirectory(Path path) {
        return disk.isDirectory(path);
    }

    @Override
    public long usableBytes(Path path) {
        return disk.usableBytes(path);
    }

    @Override
    public FolderLock lock(Path folder) {
        return disk.lock(folder);
    }
}

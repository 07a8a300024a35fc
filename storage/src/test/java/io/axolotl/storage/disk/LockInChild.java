package io.axolotl.storage.disk;

import java.nio.file.Path;

/** A process that tries to lock a folder and says by its exit code whether it could. */
final class LockInChild {
    static final int TAKEN = 10;
    static final int REFUSED = 11;

    private LockInChild() {}

    public static void main(String[] args) {
        try {
            new RealDisk(new DiskMonitor()).lock(Path.of(args[0]));
            System.exit(TAKEN);
        } catch (FolderLockedException e) {
            System.exit(REFUSED);
        }
    }
}

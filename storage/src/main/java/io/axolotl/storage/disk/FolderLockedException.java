package io.axolotl.storage.disk;

import java.nio.file.Path;

/** The folder belongs to someone who is still running (fault P17). */
public class FolderLockedException extends DiskException {
    public FolderLockedException(Path folder) {
        super(
                folder,
                "lock folder",
                "it is in use by another server. Stop that server first, or give this one a data folder of its own");
    }
}

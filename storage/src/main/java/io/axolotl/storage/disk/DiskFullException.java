package io.axolotl.storage.disk;

import java.nio.file.Path;

/** There is no space left for a write, or the quota of the user is used up (pitfall 58). */
public class DiskFullException extends DiskException {
    public DiskFullException(Path path, String operation, Throwable cause) {
        super(path, operation, cause);
    }

    public DiskFullException(Path path, String operation) {
        super(path, operation, "No space left on device");
    }
}

package io.axolotl.storage.wal;

import java.nio.file.Path;

/**
 * A durable file was used again after one of its writes or syncs had failed. What the disk holds since then is unknown,
 * and no further sync can tell (pitfall 54): stop the process and recover from disk.
 */
public class WalFailedException extends RuntimeException {
    public WalFailedException(Path path, Throwable firstFailure) {
        super(
                path + " has failed before and takes no more writes; restart the process to recover. The failure was: "
                        + firstFailure.getMessage(),
                firstFailure);
    }
}

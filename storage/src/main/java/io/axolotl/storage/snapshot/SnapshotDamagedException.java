package io.axolotl.storage.snapshot;

import java.nio.file.Path;

/**
 * A snapshot, or the pointer to the live state, is not what it was when it was written (D13). It is never used in part;
 * the message names the file and what to do.
 */
public final class SnapshotDamagedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Path file;

    public SnapshotDamagedException(Path file, String what, String remedy) {
        super(file + " is damaged: " + what + ". " + remedy);
        this.file = file;
    }

    public Path file() {
        return file;
    }
}

package io.axolotl.storage.disk;

import java.nio.file.Path;

/** A file was written by a newer version of this program. It is intact, and it is not touched (design D13). */
public class NewerFormatException extends DiskException {
    public NewerFormatException(Path path, int foundVersion, int knownVersion) {
        super(
                path,
                "read",
                "it has format version " + foundVersion + " and this program knows up to version " + knownVersion
                        + ". Start the release that wrote it, or a newer one");
    }
}

package io.axolotl.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may look into a data folder that was there before. A new one is its owner's alone; one that somebody made in another way
 * is left as it is, for they may have had a reason, and named at each start, as with etcd. Stateless.
 */
final class FolderModes {
    private static final Logger log = LoggerFactory.getLogger(FolderModes.class);
    private static final Set<PosixFilePermission> OF_OWNER = PosixFilePermissions.fromString("rwx------");

    private FolderModes() {}

    static void warnIfOthersMayRead(Path folder) {
        try {
            Set<PosixFilePermission> found = Files.getPosixFilePermissions(folder);
            if (!OF_OWNER.containsAll(found)) {
                log.warn(
                        "the data folder {} has mode {}: other users of this machine may get at keys and values; take"
                                + " their rights away (chmod 700 {})",
                        folder,
                        PosixFilePermissions.toString(found),
                        folder);
            }
        } catch (NoSuchFileException e) {
            log.debug("{} will be made", folder);
        } catch (IOException e) {
            log.warn("the mode of the data folder {} cannot be read: {}", folder, e.getMessage());
        }
    }
}

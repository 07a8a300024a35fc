package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk.Operation;
import java.nio.file.Path;

/**
 * A disk on which some syncs do nothing, as a planted bug demands. Stands above what {@link DiskObserver} watches, so
 * that the judge is not fooled with the node.
 *
 * <p>Confined to the simulation's thread.
 */
final class LyingDisk extends ForwardingDisk {
    private final PlantedBug bug;
    private final Path logFolder;
    private final Path hardStateFile;

    LyingDisk(Disk target, PlantedBug bug, Path logFolder, Path hardStateFile) {
        super(target);
        this.bug = bug;
        this.logFolder = logFolder;
        this.hardStateFile = hardStateFile;
    }

    @Override
    protected boolean before(Operation operation, Path path) {
        boolean isSwallowed = switch (bug) {
            case SKIP_WAL_SYNC -> operation == Operation.SYNC && path.startsWith(logFolder);
            case SKIP_HARD_STATE_SYNC -> operation == Operation.SYNC && path.equals(hardStateFile);
            case SKIP_STATE_SYNC ->
                operation == Operation.SYNC && !path.startsWith(logFolder) && !path.equals(hardStateFile);
            case SKIP_DIRECTORY_SYNC -> operation == Operation.SYNC_DIRECTORY;
            default -> false;
        };
        return !isSwallowed;
    }

    @Override
    protected void failed(Operation operation, DiskException failure) {
        if (bug != PlantedBug.SYNC_FAILURE_SWALLOWED) {
            throw failure;
        }
    }
}

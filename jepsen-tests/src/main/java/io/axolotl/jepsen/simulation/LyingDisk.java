package io.axolotl.jepsen.simulation;

import io.axolotl.jepsen.front.DiskInFront;
import io.axolotl.jepsen.front.FileInFront;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import java.nio.file.Path;

/**
 * A disk on which some syncs do nothing, as a planted bug demands. Stands above what {@link DiskObserver} watches, so
 * that the judge is not fooled with the node.
 *
 * <p>Confined to the simulation's thread.
 */
final class LyingDisk extends DiskInFront {
    private final PlantedBug bug;
    private final Path logFolder;
    private final Path hardStateFile;

    LyingDisk(Disk disk, PlantedBug bug, Path logFolder, Path hardStateFile) {
        super(disk);
        this.bug = bug;
        this.logFolder = logFolder;
        this.hardStateFile = hardStateFile;
    }

    @Override
    public DiskFile create(Path file) {
        return new LyingFile(file, disk.create(file));
    }

    @Override
    public DiskFile open(Path file) {
        return new LyingFile(file, disk.open(file));
    }

    @Override
    public void syncDirectory(Path directory) {
        if (bug != PlantedBug.SKIP_DIRECTORY_SYNC) {
            attempt(() -> disk.syncDirectory(directory));
        }
    }

    /** Keeps its failure to itself, if that is the bug. */
    private void attempt(Runnable sync) {
        try {
            sync.run();
        } catch (DiskException e) {
            if (bug != PlantedBug.SYNC_FAILURE_SWALLOWED) {
                throw e;
            }
        }
    }

    private final class LyingFile extends FileInFront {
        private final boolean isSkipped;

        LyingFile(Path path, DiskFile file) {
            super(file);
            this.isSkipped = switch (bug) {
                case SKIP_WAL_SYNC -> path.startsWith(logFolder);
                case SKIP_HARD_STATE_SYNC -> path.equals(hardStateFile);
                case SKIP_STATE_SYNC -> !path.startsWith(logFolder) && !path.equals(hardStateFile);
                default -> false;
            };
        }

        @Override
        public void sync() {
            if (!isSkipped) {
                attempt(file::sync);
            }
        }
    }
}

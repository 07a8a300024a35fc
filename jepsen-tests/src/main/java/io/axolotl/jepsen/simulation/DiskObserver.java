package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import java.nio.file.Path;

/**
 * Watches the disk of one node from below everything that may lie to the node: counts what is really synced, and cuts
 * the power just before a given operation.
 *
 * <p>Confined to the simulation's thread.
 */
final class DiskObserver implements FaultyDisk.Hook {
    private static final int NEVER = -1;

    private final Path logFolder;
    private final Path hardStateFile;
    private int changesUntilCut = NEVER;
    private String cutBefore = "";
    private long changes;
    private long logSyncs;
    private long hardStateSyncs;
    private boolean isFailing;

    /**
     * @param logFolder where the write-ahead log lives
     * @param hardStateFile where term and vote live
     */
    DiskObserver(Path logFolder, Path hardStateFile) {
        this.logFolder = logFolder;
        this.hardStateFile = hardStateFile;
    }

    /** Cuts the power before the change that follows {@code changes} more. */
    void armPowerCut(int changes) {
        changesUntilCut = changes;
    }

    void disarm() {
        changesUntilCut = NEVER;
    }

    @Override
    public void before(FaultyDisk.Operation operation, Path path) {
        if (!operation.isChange()) {
            return;
        }
        if (changesUntilCut != NEVER && changesUntilCut-- == 0) {
            changesUntilCut = NEVER;
            cutBefore = operation + " " + path.getFileName();
            throw new SimulatedCrash();
        }
        changes++;
        if (operation == FaultyDisk.Operation.SYNC && !isFailing) {
            if (path.startsWith(logFolder)) {
                logSyncs++;
            } else if (path.equals(hardStateFile)) {
                hardStateSyncs++;
            }
        }
    }

    /** From now on syncs fail, or do not any more. */
    void failing(boolean theyDo) {
        isFailing = theyDo;
    }

    /** What the last power cut has kept from happening. */
    String cutBefore() {
        return cutBefore;
    }

    /** Changes of the disk so far. */
    long changes() {
        return changes;
    }

    /** Syncs of files of the log so far. */
    long logSyncs() {
        return logSyncs;
    }

    /** Syncs of the hard state so far. */
    long hardStateSyncs() {
        return hardStateSyncs;
    }
}

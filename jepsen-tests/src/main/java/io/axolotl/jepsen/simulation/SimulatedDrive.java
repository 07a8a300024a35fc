package io.axolotl.jepsen.simulation;

import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The disk of a {@link SimulatedNode}: what is on it, and what may happen to it. It outlives processes, and may be exchanged.
 *
 * <p>Confined to the simulation's thread.
 */
final class SimulatedDrive {
    /** The data folder of every node, on its own disk. */
    static final Path FOLDER = Path.of("/data");

    static final Path LOG = FOLDER.resolve("member").resolve("wal");
    private static final Path STARTS = FOLDER.resolve("member").resolve("starts");
    static final Path HARD_STATE = FOLDER.resolve("member").resolve("hardstate");

    private final PlantedBug bug;
    private final boolean isToRot;
    private final DiskObserver observer = new DiskObserver(LOG, HARD_STATE);
    private FaultyDisk disk = new FaultyDisk();
    private Disk visible;

    /** Syncs fail, and the process has to end of it. */
    private boolean isSyncFailing;

    private boolean isPowerCutAfterFailedSync;
    private boolean isFull;

    /** Bytes have changed under the process; then it may stop and refuse, if it says why. */
    private boolean isRotten;

    private long startsAtRot;

    /** The count of starts was put back to what it was once. */
    private boolean hasOldCount;

    /**
     * What it was exchanged for, an empty disk or an old one; then the others must not let the member in. It is put in again before each
     * start: every start of an old copy counts, and one that has been started more often than the original is not promised to be
     * recognized (docs/recovery.md).
     */
    private @Nullable FaultyDisk other;

    /** What was on it as a process started. */
    private @Nullable FaultyDisk earlier;

    /** @param isToRot whether bytes may change, and so also become again what they were once */
    SimulatedDrive(PlantedBug bug, boolean isToRot) {
        this.bug = bug;
        this.isToRot = isToRot;
        this.visible = put(disk);
    }

    private Disk put(FaultyDisk in) {
        disk = in;
        visible = bug == PlantedBug.NONE ? in : new LyingDisk(in, bug, LOG, HARD_STATE);
        in.before(observer);
        return visible;
    }

    /** As a process sees it: a planted bug may lie about what is done. */
    Disk visible() {
        return visible;
    }

    /** What was asked of it, and the power cut that waits for a certain operation. */
    DiskObserver observer() {
        return observer;
    }

    FaultyDisk copy() {
        return disk.copy();
    }

    /** An empty disk is in it, whole, as in a machine that nobody has used. */
    void renew() {
        isRotten = false;
        hasOldCount = false;
        other = null;
        var unused = put(new FaultyDisk());
    }

    void exchange(FaultyDisk with) {
        other = with;
        var unused = put(with.copy());
    }

    boolean isExchanged() {
        return other != null;
    }

    /** Before a process starts. */
    void starts() {
        if (other != null) {
            var unused = put(other.copy());
        }
        if (isToRot) {
            earlier = disk.copy();
        }
    }

    /**
     * @param starts of the machine so far
     * @return what has rotted, null if nothing was there
     */
    @Nullable String rot(Rot rot, long starts) {
        String done = rot.spread(disk, earlier == null ? disk : earlier, FOLDER, LOG, HARD_STATE);
        if (done != null) {
            isRotten = true;
            hasOldCount |= done.startsWith(STARTS.toString()) && done.contains(Rot.OLD_SECTOR);
            startsAtRot = starts;
        }
        return done;
    }

    boolean hasOldCount() {
        return hasOldCount;
    }

    boolean isRotten() {
        return isRotten;
    }

    /** Whether a process has started since bytes changed last: what rots under one shows at the next start at the earliest. */
    boolean hasShownItsRot(long starts) {
        return starts > startsAtRot;
    }

    void isWholeAgain() {
        isRotten = false;
    }

    /** Cuts the power before the operation after the next {@code operations}. */
    void armPowerCut(int operations) {
        observer.armPowerCut(operations);
    }

    void disarm() {
        observer.disarm();
    }

    /** @param isPowerCutAfter whether the process that ends of it takes the machine with it */
    void failSyncs(boolean isPowerCutAfter) {
        isSyncFailing = true;
        isPowerCutAfterFailedSync = isPowerCutAfter;
        disk.failSyncs(path -> true);
        observer.failing(true);
    }

    void syncAgain() {
        isSyncFailing = false;
        disk.failSyncs(path -> false);
        observer.failing(false);
    }

    boolean isSyncFailing() {
        return isSyncFailing;
    }

    /** Whether whoever ends of a failed sync takes the machine with it, which is the case now. */
    boolean takesTheMachineAlong() {
        return isSyncFailing && isPowerCutAfterFailedSync;
    }

    /** @param roomBytes that are left */
    void fill(int roomBytes) {
        isFull = true;
        disk.limitBytes(disk.usedBytes() + roomBytes);
    }

    void makeRoom() {
        isFull = false;
        disk.limitBytes(Long.MAX_VALUE);
    }

    boolean isFull() {
        return isFull;
    }

    boolean isInTrouble() {
        return isRotten || isSyncFailing || isFull;
    }

    /** The power is gone: what was not synced is at risk. */
    void losePower(Random chance) {
        disk.crash(chance);
    }

    /** The process is gone, and nothing else. */
    void loseProcess() {
        disk.kill();
    }

    /** After the end of a process, however it came. */
    void ended() {
        isSyncFailing = false;
        observer.failing(false);
        disk.before(observer);
    }
}

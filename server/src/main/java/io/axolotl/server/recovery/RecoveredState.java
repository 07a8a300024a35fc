package io.axolotl.server.recovery;

import io.axolotl.raft.HardState;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.identity.Identity;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import org.jspecify.annotations.Nullable;

/**
 * Everything durable of a node, opened and checked against each other. Whoever receives it closes it.
 *
 * @param founding what the cluster began with
 * @param starts the number of this start of the data folder
 * @param snapshot the newest one, or entry zero with the founding membership; what the live state stands for if the log
 *     begins behind all snapshots that are left
 * @param embargo what the node is bound by until it has made up for damage to its log; null if it is not
 */
public record RecoveredState(
        DataFolder folder,
        Identity identity,
        Founding founding,
        long starts,
        KnownStores knownStores,
        LiveState liveState,
        SnapshotStore snapshotStore,
        ArchiveStore archives,
        KvStateMachine stateMachine,
        Wal wal,
        HardStateFile hardStateFile,
        HardState hardState,
        SnapshotMetadata snapshot,
        @Nullable VoteEmbargo embargo,
        LogRepair logRepair,
        StoreRepair storeRepair,
        RecoveryRecord record) {
    /** The log has made up for what damage had taken from it. For the worker. */
    public void lossIsMadeUp() {
        logRepair.settle();
    }

    /**
     * Everything that was committed when the node came up has been applied here: what damage had left behind goes. Until then
     * it may be all that there is. For the worker.
     */
    public void stateIsWhole() {
        storeRepair.dropDamaged();
        logRepair.dropUnlessPending();
    }

    /**
     * Lets go of everything, the lock of the folder last.
     *
     * @param live the state machine of now, which may be another one than was recovered
     */
    public void close(KvStateMachine live) {
        try {
            live.close();
            liveState.closeRetired();
        } finally {
            try {
                wal.close();
                hardStateFile.close();
                knownStores.close();
            } finally {
                folder.close();
            }
        }
    }
}

package io.axolotl.server;

import io.axolotl.raft.HardState;
import io.axolotl.raft.log.EntryId;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.recovery.EngineOpener;
import io.axolotl.server.recovery.Origin;
import io.axolotl.storage.archive.ArchiveFile;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.identity.Identity;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.StateSummary;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * Makes the data folder of one member of a new cluster from an archive. All founders are made from the same archive with the
 * same settings but their own names; they differ in nothing but their identities.
 *
 * <p>The folder looks like that of a member that has just been sent a snapshot: nothing is live yet, and a whole snapshot of
 * the restored state waits to be installed, which the first start does. Its log begins behind the snapshot, so a member that
 * joins later, with nothing, is sent one as well; and so a snapshot that is lost before the first start leaves a gap that is
 * told, not a store that looks new. The folder gets its name last, so a restore that was cut short leaves nothing that could be
 * started.
 *
 * <p>Confined to one thread.
 */
final class SnapshotRestore {
    private final Disk disk;
    private final EngineOpener engines;
    private final WalOptions wal;

    /**
     * @param skipped revisions that are left out before the next change
     * @param isCompacted whether all restored history is compacted
     * @param isTrusted whether to take the archive without holding it against its checksum
     */
    record Options(long skipped, boolean isCompacted, boolean isTrusted) {}

    /**
     * What was made.
     *
     * @param isSameCluster whether the new cluster has the id of the one that the archive was taken of, by the same token
     *     and the same peer URLs: then neither can tell the members of one from those of the other
     */
    record Restored(StateSummary state, boolean isSameCluster) {}

    SnapshotRestore(Disk disk, EngineOpener engines, WalOptions wal) {
        this.disk = disk;
        this.engines = engines;
        this.wal = wal;
    }

    /**
     * @throws RefusedException if there is something in place of the data folder
     * @throws io.axolotl.storage.archive.ArchiveDamagedException if the archive is not what it was
     */
    Restored restore(Path archive, ServerConfig config, Options options) {
        Path target = config.dataDir().toAbsolutePath();
        if (disk.exists(target)) {
            throw new RefusedException("data-dir \"" + config.dataDir()
                    + "\" exists; nothing is ever overwritten. Name another --data-dir, or move this one away");
        }
        Path building = buildingOf(target);
        disk.deleteTree(building);
        try (ArchiveFile source = ArchiveFile.open(disk, archive)) {
            if (!options.isTrusted) {
                byte[] unused = source.verify();
            }
            Origin.Place place = Server.place(config);
            StateSummary restored = build(source, building, place, options);
            disk.rename(building, target);
            disk.syncDirectory(Objects.requireNonNull(target.getParent(), "the folder above the data folder"));
            return new Restored(restored, source.header().clusterId() == place.clusterId());
        }
    }

    /** Where a data folder is before it has its name. */
    static Path buildingOf(Path dataDir) {
        Path target = dataDir.toAbsolutePath();
        return target.resolveSibling(target.getFileName() + ".restoring");
    }

    private StateSummary build(ArchiveFile source, Path building, Origin.Place place, Options options) {
        try (DataFolder folder = DataFolder.lock(disk, building)) {
            Path unpacked = building.resolve("unpacked");
            source.unpack(unpacked);
            StateSummary restored;
            try (KvEngine engine = engines.open(unpacked)) {
                restored = KvStateMachine.refound(engine, place.founding(), options.skipped, options.isCompacted);
            }
            folder.initialize(
                    Identity.of(place.clusterId(), place.self(), StoreId.random(new SecureRandom())),
                    place.founding().encode(),
                    wal);
            EntryId last = restored.applied();
            // Begins it anew behind the snapshot.
            Wal.open(disk, folder.wal(), wal, last).wal().close();
            try (HardStateFile hardState = HardStateFile.open(disk, folder.hardState())) {
                hardState.write(new HardState(last.term(), null, last.index()));
            }
            SnapshotStore snapshots = new SnapshotStore(disk, folder.snapshots(), place.clusterId());
            try (KvStateMachine state = KvStateMachine.open(
                            engines.open(unpacked), place.founding().membership());
                    Snapshot made = snapshots.create(state)) {
                if (!made.manifest().last().equals(last)) {
                    throw new AssertionError(
                            "the snapshot ends at " + made.manifest().last() + ", not at " + last);
                }
            }
            disk.deleteTree(unpacked);
            disk.syncDirectory(building);
            return restored;
        }
    }

    /** What was asked for is not done; the message says why. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }
}

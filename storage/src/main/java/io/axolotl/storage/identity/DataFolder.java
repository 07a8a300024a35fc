package io.axolotl.storage.identity;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.FolderLock;
import io.axolotl.storage.disk.SpaceReserve;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import io.axolotl.storage.wal.WalSalvage;
import java.nio.file.Path;

/**
 * The layout of a data folder (design part 3), and its lock.
 *
 * <pre>
 * member/identity     whose data this is; written last
 * member/wal/         the log
 * member/hardstate    term, vote, commit index
 * member/loss         what damage took from the log, until the others have made up for it
 * member/peers        which data folders the other members have
 * member/founding     what the cluster began with
 * member/starts       how often this folder was started
 * member/db/          RocksDB
 * member/snapshots/   snapshots, each with its manifest
 * member/archives/    what is being read by whoever saves the whole state; gone at the next start
 * </pre>
 *
 * <p>Confined to the thread that starts the server.
 */
public final class DataFolder implements AutoCloseable {
    private final Disk disk;
    private final Path root;
    private final FolderLock lock;

    private DataFolder(Disk disk, Path root, FolderLock lock) {
        this.disk = disk;
        this.root = root;
        this.lock = lock;
    }

    /**
     * Takes the folder for this process, after creating it if it is missing.
     *
     * @throws io.axolotl.storage.disk.FolderLockedException if another server has it
     */
    public static DataFolder lock(Disk disk, Path root) {
        disk.createDirectories(root);
        return new DataFolder(disk, root, disk.lock(root));
    }

    public Path root() {
        return root;
    }

    public Path member() {
        return root.resolve("member");
    }

    public Path identity() {
        return member().resolve("identity");
    }

    public Path wal() {
        return member().resolve("wal");
    }

    public Path hardState() {
        return member().resolve("hardstate");
    }

    /** See {@link io.axolotl.storage.wal.LogLoss}. */
    public Path loss() {
        return member().resolve("loss");
    }

    public Path peers() {
        return member().resolve("peers");
    }

    public Path founding() {
        return member().resolve("founding");
    }

    public Path starts() {
        return member().resolve("starts");
    }

    public Path db() {
        return db(root);
    }

    /** Where a data folder of this root has the live state. */
    public static Path db(Path root) {
        return root.resolve("member").resolve("db");
    }

    /** Space that is kept for when the disk is full. */
    public SpaceReserve reserve(long sizeBytes) {
        return new SpaceReserve(disk, member().resolve("reserve"), sizeBytes);
    }

    /** See {@link io.axolotl.storage.archive.ArchiveStore}. */
    public Path archives() {
        return member().resolve("archives");
    }

    public Path snapshots() {
        return member().resolve("snapshots");
    }

    /** Whether {@link #initialize} has once been completed here. */
    public boolean isInitialized() {
        return disk.exists(identity());
    }

    /**
     * Makes everything a member starts from: an empty log, an initial hard state, no known peers, empty folders, and last
     * the identity. Remains of a first start that was cut short are replaced.
     *
     * @param founding what the cluster began with; kept as it is
     * @throws IllegalStateException if the folder has an identity
     * @throws ForeignFolderException if it has none, but a log or hard state that has been used
     */
    public void initialize(Identity identity, byte[] founding, WalOptions walOptions) {
        if (isInitialized()) {
            throw new IllegalStateException("the data folder " + root + " already has an identity");
        }
        requireUnused(walOptions);
        syncNameOfRoot();
        disk.createDirectoryAnew(member());
        dropLog();
        disk.deleteTree(hardState());
        disk.createDirectoryAnew(db());
        disk.createDirectoryAnew(snapshots());
        Wal.create(disk, wal(), walOptions);
        HardStateFile.create(disk, hardState());
        KnownStores.create(disk, peers());
        StartCount.create(disk, starts());
        disk.replace(founding(), founding);
        identity.write(disk, identity());
    }

    /** A start that was killed right after it had made the folder has not. */
    private void syncNameOfRoot() {
        Path parent = root.toAbsolutePath().getParent();
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }

    /**
     * Reads the identity, writes it again, for its name may be one that is only shown, and checks that the folder is complete.
     *
     * @throws ForeignFolderException if the identity is damaged, or the log, the hard state or another file is missing
     */
    public Identity readIdentity() {
        Identity identity = Identity.read(disk, identity());
        identity.write(disk, identity());
        WalSalvage.finishSwap(disk, wal());
        for (Path part : new Path[] {wal(), hardState(), starts()}) {
            if (!disk.exists(part)) {
                throw new ForeignFolderException("the data folder " + root + " has lost " + part + ". This member may"
                        + " have voted and acknowledged entries that it no longer knows of. Put back an intact copy, or"
                        + " remove the member from the cluster and add it again with an empty data folder");
            }
        }
        if (!disk.exists(peers())) {
            throw new ForeignFolderException(
                    "the data folder " + root + " has lost " + peers() + ", by which this member"
                            + " recognizes another one whose disk was emptied. Put back an intact copy, or the file of the same"
                            + " name from another member of this cluster");
        }
        if (!disk.exists(founding())) {
            throw new ForeignFolderException("the data folder " + root + " has lost " + founding()
                    + ", which says what the cluster began with. Put back an intact copy, or the file of the same name"
                    + " from another member of this cluster: it is the same on all");
        }
        return identity;
    }

    @Override
    public void close() {
        lock.close();
    }

    /**
     * Out of the way by one rename, durably, and only then file by file: a log that has lost some of its files looks damaged
     * to the next start, which would refuse it.
     */
    private void dropLog() {
        Path dropped = member().resolve("wal.dropped");
        if (disk.exists(wal())) {
            disk.deleteTree(dropped);
            disk.rename(wal(), dropped);
            disk.syncDirectory(member());
        }
        disk.deleteTree(dropped);
    }

    /** A folder that lost its identity must not look like a new one: it would vote again. */
    private void requireUnused(WalOptions walOptions) {
        if (disk.exists(hardState())) {
            try (HardStateFile hardState = HardStateFile.open(disk, hardState())) {
                if (hardState.state().term() > 0) {
                    throw lostIdentity();
                }
            }
        }
        if (disk.exists(wal())) {
            try (Wal wal = Wal.open(disk, wal(), walOptions, EntryId.ZERO).wal()) {
                if (wal.last().index() > 0) {
                    throw lostIdentity();
                }
            }
        }
    }

    private ForeignFolderException lostIdentity() {
        return new ForeignFolderException("the data folder " + root + " has been used, but its identity file "
                + identity() + " is missing. Put back an intact copy, or remove the member from the cluster and add it"
                + " again with an empty data folder");
    }
}

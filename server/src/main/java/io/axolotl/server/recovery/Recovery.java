package io.axolotl.server.recovery;

import io.axolotl.raft.HardState;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.Handshake;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.identity.ForeignFolderException;
import io.axolotl.storage.identity.Identity;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StartCount;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.LiveStore;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import io.axolotl.storage.wal.WalRecovery;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens what a data folder holds, as a crash or a clean stop left it, and makes sure that its parts belong together. Used
 * once. Confined to the thread that starts the node.
 */
public final class Recovery {
    private final Settings config;
    private final Disk disk;
    private final List<RecoveryRecord.Step> steps = new ArrayList<>();

    /** What has been opened, newest first, to be closed if a later step fails. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private String found = "";
    private @Nullable KnownStores known;
    private @Nullable Founding began;
    private long starts;
    private @Nullable EntryId snapshotUsed;
    private boolean isFirstStart;

    /**
     * @param origin what becomes of an empty folder
     * @param name what this member is called, and
     * @param peerUrls where it is reached: to recognize the folder of another member
     */
    public record Settings(
            Disk disk,
            Path dataDir,
            Origin origin,
            String name,
            List<String> peerUrls,
            WalOptions wal,
            EngineOpener engines) {}

    public Recovery(Settings config) {
        this.config = config;
        this.disk = config.disk;
    }

    /**
     * The numbered steps of design part 4, up to where the node's loops take over.
     *
     * @throws RecoveryFailedException if a step refuses what it finds; everything that was opened is closed again
     */
    public RecoveredState recover() {
        DataFolder folder = step("lock the data folder", this::lockFolder);
        Identity identity = step("read the identity", () -> readIdentity(folder));
        KnownStores knownStores = Objects.requireNonNull(known, "read with the identity");
        Founding founding = Objects.requireNonNull(began, "read with the identity");
        SnapshotStore snapshots =
                step("drop half-received snapshots", () -> openSnapshots(folder, identity.clusterId()));
        LiveState liveState = new LiveState(new LiveStore(disk, folder.db()), snapshots, config.engines(), founding);
        KvStateMachine asFound = step("open the state machine", () -> {
            folder.reserve(1).releaseForStart();
            return openState(liveState, identity);
        });
        EntryId appliedAtOpen = asFound.applied();
        KvStateMachine state = step(
                "swap to a newer snapshot, if one waits",
                () -> swapToNewer(liveState, newestSnapshot(snapshots, founding), asFound));
        HardStateFile hardStateFile = step("read term and vote", () -> openHardState(folder));
        WalRecovery log = step("scan the log", () -> openLog(folder, state.applied()));
        HardState hardState = hardStateFile.state();
        SnapshotMetadata snapshot = meetLog(liveState, newestSnapshot(snapshots, founding), state, log.wal());
        RecoveryRecord record = new RecoveryRecord(
                isFirstStart,
                steps,
                appliedAtOpen,
                snapshotUsed,
                log.foundLast(),
                log.entries(),
                log.bytes(),
                log.tornBytes(),
                log.isReset(),
                null);
        return new RecoveredState(
                folder,
                identity,
                founding,
                starts,
                knownStores,
                liveState,
                snapshots,
                state,
                log.wal(),
                hardStateFile,
                hardState,
                snapshot,
                record);
    }

    private DataFolder lockFolder() {
        DataFolder folder = DataFolder.lock(disk, config.dataDir());
        opened.push(folder);
        found = folder.root().toString();
        return folder;
    }

    private Identity readIdentity(DataFolder folder) {
        if (!folder.isInitialized()) {
            makeIdentity(folder);
        }
        Identity identity = folder.readIdentity();
        if (config.origin() instanceof Origin.Founder founder && !identity.hasJoined()) {
            identity.requireOwner(
                    folder.root(), founder.place().clusterId(), founder.place().self());
        }
        began = Founding.decode(disk.readAll(folder.founding()), folder.founding());
        KnownStores met = KnownStores.open(disk, folder.peers());
        known = met;
        starts = StartCount.next(disk, folder.starts());
        found = "member " + identity.memberId() + " of cluster " + Long.toHexString(identity.clusterId()) + ", store "
                + identity.storeId() + ", start " + starts + ", " + met.size() + " peers met";
        return identity;
    }

    private void makeIdentity(DataFolder folder) {
        isFirstStart = true;
        StoreId storeId = StoreId.random(new SecureRandom());
        if (config.origin() instanceof Origin.Founder founder) {
            Origin.Place place = founder.place();
            Identity identity = Identity.of(place.clusterId(), place.self(), storeId);
            folder.initialize(identity, place.founding().encode(), config.wal());
        } else if (config.origin() instanceof Origin.Joiner joiner) {
            Origin.Place place = joiner.ask().get();
            Identity identity = Identity.ofJoined(place.clusterId(), place.self(), storeId);
            folder.initialize(identity, place.founding().encode(), config.wal());
        }
    }

    private SnapshotStore openSnapshots(DataFolder folder, long clusterId) {
        SnapshotStore snapshots = new SnapshotStore(disk, folder.snapshots(), clusterId);
        snapshots.dropPartial();
        found = snapshots.all().size() + " whole ones remain";
        return snapshots;
    }

    private KvStateMachine openState(LiveState liveState, Identity identity) {
        KvStateMachine state = liveState.open();
        opened.push(state);
        requireOwnState(state.roster(), identity.memberId());
        found = "applied through " + state.applied();
        return state;
    }

    /**
     * A folder that has been used says itself whose it is, whatever the flags say, as with etcd. But where neither its name nor
     * any of its addresses are this member's, the disks of two members have been exchanged.
     */
    private void requireOwnState(Roster roster, NodeId self) {
        if (roster.hasLeft(self)) {
            throw new MemberRemovedException(Handshake.REMOVED + ": the data folder " + config.dataDir()
                    + " is that of member " + self + ", whose id never comes back. Remove the folder; to have this"
                    + " server in the cluster again, add it as a new member: axolotl ctl member add");
        }
        roster.find(self).filter(known -> !isOwn(known)).ifPresent(known -> {
            throw new ForeignFolderException("the data folder " + config.dataDir() + " is that of member " + self + ", "
                    + (known.isStarted() ? "called " + known.name() + ", " : "") + "at "
                    + String.join(", ", known.peerUrls()) + "; this one is called " + config.name() + ", at "
                    + String.join(", ", config.peerUrls())
                    + ". Were the disks of two members exchanged? Start each member with its own data folder");
        });
    }

    private boolean isOwn(MemberAttributes known) {
        boolean isBlank = known.name().isEmpty() && known.peerUrls().isEmpty();
        return isBlank
                || known.name().equals(config.name())
                || known.peerUrls().stream().anyMatch(config.peerUrls()::contains);
    }

    /** A crash came between the arrival of a snapshot and its install, or the state fell behind it (pitfall 47). */
    private KvStateMachine swapToNewer(LiveState liveState, SnapshotMetadata newest, KvStateMachine asFound) {
        if (newest.last().index() <= asFound.applied().index()) {
            found = "not needed, the newest is " + newest.last();
            return asFound;
        }
        opened.remove(asFound);
        asFound.close();
        KvStateMachine swapped = liveState.install(newest, () -> {});
        opened.push(swapped);
        liveState.retire(asFound);
        liveState.closeRetired();
        snapshotUsed = newest.last();
        found = "snapshot " + newest.last();
        return swapped;
    }

    private HardStateFile openHardState(DataFolder folder) {
        HardStateFile file = HardStateFile.open(disk, folder.hardState());
        opened.push(file);
        HardState state = file.state();
        found = "term " + state.term() + ", vote " + (state.votedFor() == null ? "none" : state.votedFor());
        return file;
    }

    private WalRecovery openLog(DataFolder folder, EntryId floor) {
        WalRecovery log = Wal.open(disk, folder.wal(), config.wal(), floor);
        opened.push(log.wal());
        found = log.entries() + " entries, " + log.bytes() + " bytes in " + log.segments() + " segments, last "
                + log.foundLast()
                + (log.tornBytes() == 0 ? "" : ", a torn tail of " + log.tornBytes() + " bytes was cut")
                + (log.isReset() ? ", begun anew after " + floor : "");
        return log;
    }

    private static SnapshotMetadata newestSnapshot(SnapshotStore snapshots, Founding founding) {
        List<SnapshotManifest> all = snapshots.all();
        // Without a snapshot nothing was ever cut from the log, so the membership that it starts from is the founding
        // one.
        return all.isEmpty()
                ? new SnapshotMetadata(EntryId.ZERO, founding.membership())
                : all.get(0).metadata();
    }

    /**
     * The snapshot that the log begins after may be lost or damaged. The live state is durable and reaches as far as the
     * log needs, so it stands in: as a new snapshot, for the other members may need one too.
     */
    private SnapshotMetadata meetLog(LiveState liveState, SnapshotMetadata newest, KvStateMachine state, Wal wal) {
        if (newest.last().index() >= wal.previous().index()) {
            return newest;
        }
        return step("make up for a lost snapshot", () -> {
            SnapshotMetadata live = new SnapshotMetadata(state.durable(), state.membership());
            String lost = "the newest is " + newest.last() + ", but the log begins after " + wal.previous();
            try {
                live = liveState.makeSnapshot(state);
                found = lost + "; made " + live.last() + " of the live state";
            } catch (DiskFullException e) {
                found = lost + "; begun from the live state, for there is no room for a snapshot: " + e.getMessage();
            }
            return live;
        });
    }

    private <T> T step(String name, Supplier<T> body) {
        long startNanos = System.nanoTime();
        found = "";
        try {
            T result = body.get();
            steps.add(new RecoveryRecord.Step(name, System.nanoTime() - startNanos, found));
            return result;
        } catch (RuntimeException e) {
            closeAll(e);
            throw new RecoveryFailedException(steps.size() + 1, name, e);
        }
    }

    private void closeAll(RuntimeException cause) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }
}

package io.axolotl.server.recovery;

import io.axolotl.raft.HardState;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.Handshake;
import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.identity.DataFolder;
import io.axolotl.storage.identity.ForeignFolderException;
import io.axolotl.storage.identity.Identity;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StartCount;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.snapshot.LiveStore;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.LogLoss;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalCorruptedException;
import io.axolotl.storage.wal.WalGapException;
import io.axolotl.storage.wal.WalOptions;
import io.axolotl.storage.wal.WalRecovery;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what a data folder holds, as a crash or a clean stop left it, and makes sure that its parts belong together. Used
 * once. Confined to the thread that starts the node.
 */
public final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private final Settings config;
    private final Disk disk;
    private final List<RecoveryRecord.Step> steps = new ArrayList<>();

    /** What has been opened, newest first, to be closed if a later step fails. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private String found = "";
    private @Nullable KnownStores known;
    private @Nullable Founding began;
    private long starts;
    private @Nullable StoreRepair storeRepair;
    private final List<String> snapshotDamages = new ArrayList<>();
    private @Nullable EntryId snapshotUsed;
    private boolean isFirstStart;

    /**
     * @param origin what becomes of an empty folder
     * @param name what this member is called, and
     * @param peerUrls where it is reached: to recognize the folder of another member
     * @param chance draws the id of a new store, which must be another one each time
     */
    public record Settings(
            Disk disk,
            Path dataDir,
            Origin origin,
            String name,
            List<String> peerUrls,
            WalOptions wal,
            EngineOpener engines,
            RandomGenerator chance) {

        public Settings(
                Disk disk,
                Path dataDir,
                Origin origin,
                String name,
                List<String> peerUrls,
                WalOptions wal,
                EngineOpener engines) {
            this(disk, dataDir, origin, name, peerUrls, wal, engines, new SecureRandom());
        }
    }

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
        ArchiveStore archives = new ArchiveStore(
                disk,
                folder.archives(),
                identity.clusterId(),
                identity.memberId().value());
        archives.dropAll();
        LiveState liveState = new LiveState(
                new LiveStore(disk, folder.db()), snapshots, config.engines(), founding, identity.memberId());
        StoreRepair stateRepair = new StoreRepair(disk, folder.db());
        storeRepair = stateRepair;
        KvStateMachine asFound = openOrRebuild(liveState, identity, stateRepair);
        EntryId appliedAtOpen = asFound.applied();
        KvStateMachine state = step(
                "swap to a newer snapshot, if one waits", () -> swapToNewer(liveState, snapshots, founding, asFound));
        HardStateFile hardStateFile = step("read term and vote", () -> openHardState(folder));
        LogRepair logRepair = new LogRepair(disk, folder, config.wal());
        boolean hasPeers = hasPeers(state, founding, knownStores, identity.memberId());
        WalRecovery log = openOrRepairLog(folder, logRepair, hardStateFile, state, hasPeers);
        VoteEmbargo embargo =
                hasLoss(folder) ? step("stand back from elections", () -> standBack(logRepair, hardStateFile)) : null;
        HardState hardState = withProven(hardStateFile.state(), state, log.wal());
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
                archives,
                state,
                log.wal(),
                hardStateFile,
                hardState,
                snapshot,
                embargo,
                logRepair,
                stateRepair,
                record);
    }

    private DataFolder lockFolder() {
        DataFolder folder = DataFolder.lock(disk, config.dataDir());
        opened.push(folder);
        found = folder.root().toString();
        if (folder.isInitialized()) {
            // Before the first write: on a disk that is full to the last byte none would succeed (D1).
            folder.reserve(1).releaseForStart();
        }
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
        StoreId storeId = StoreId.random(config.chance());
        if (config.origin() instanceof Origin.Founder founder) {
            Origin.Place place = founder.place();
            JoinPlan.requireNeverStarted(place, founder.others().get());
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
        snapshots.damaged().forEach(path -> snapshotDamages.add("a snapshot was set aside in " + path));
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
            throw new ForeignFolderException("the data folder " + config.dataDir() + " is that of member " + self
                    + ", called " + known.name() + ", at "
                    + String.join(", ", known.peerUrls()) + "; this one is called " + config.name() + ", at "
                    + String.join(", ", config.peerUrls())
                    + ". Were the disks of two members exchanged? Start each member with its own data folder");
        });
    }

    /**
     * One that has not told its name, as far as this state knows, may have moved meanwhile: where a founder was to be is not where
     * it is. A state that was not flushed knows no more than that, however long the member has run.
     */
    private boolean isOwn(MemberAttributes known) {
        return !known.isStarted()
                || known.name().equals(config.name())
                || known.peerUrls().stream().anyMatch(config.peerUrls()::contains);
    }

    /** A state that is damaged, or was condemned when the process last ended, is set aside and begun anew (D14, D16). */
    private KvStateMachine openOrRebuild(LiveState liveState, Identity identity, StoreRepair repair) {
        KvStateMachine whole = step("open the state machine", () -> {
                    repair.ensureFolder();
                    String reason = repair.condemnation();
                    if (reason == null) {
                        try {
                            KvStateMachine sound = openState(liveState, identity);
                            return Optional.of(sound);
                        } catch (RuntimeException e) {
                            if (!StoreRepair.isDamageAtOpen(e)) {
                                throw e;
                            }
                            reason = String.valueOf(e.getMessage());
                        }
                    }
                    found = reason;
                    return Optional.<KvStateMachine>empty();
                })
                .orElse(null);
        if (whole != null) {
            return whole;
        }
        String reason = found;
        return step("set the damaged state aside", () -> {
            log.warn("the state is damaged, it is made anew from snapshots and log or by the others: {}", reason);
            Path aside = repair.setAside(reason);
            KvStateMachine empty = openState(liveState, identity);
            found = "to " + aside + "; begun anew";
            return empty;
        });
    }

    /** A crash came between the arrival of a snapshot and its install, or the state fell behind it (pitfall 47). */
    private KvStateMachine swapToNewer(
            LiveState liveState, SnapshotStore snapshots, Founding founding, KvStateMachine asFound) {
        String damaged = "";
        while (true) {
            SnapshotMetadata newest = newestSnapshot(snapshots, founding);
            if (newest.last().index() <= asFound.applied().index()) {
                found = "not needed, the newest is " + newest.last() + damaged;
                return asFound;
            }
            try {
                KvStateMachine swapped = liveState.install(newest, () -> {}, full -> {
                    throw full;
                });
                opened.remove(asFound);
                opened.push(swapped);
                liveState.retire(asFound);
                liveState.closeRetired();
                snapshotUsed = newest.last();
                found = "snapshot " + newest.last() + damaged;
                return swapped;
            } catch (SnapshotDamagedException e) {
                // An older one, the log, or the others will do; a damaged one is never used in part (D13).
                log.warn("a snapshot is not used: {}", e.getMessage());
                if (!snapshots.setAside(newest.last())) {
                    throw e;
                }
                snapshotDamages.add("a snapshot was set aside: " + e.getMessage());
                damaged += "; set aside: " + e.getMessage();
            }
        }
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

    /** Damage does not keep a member down if what it took can be had elsewhere; see {@link LogRepair}. */
    private WalRecovery openOrRepairLog(
            DataFolder folder, LogRepair repair, HardStateFile hardStateFile, KvStateMachine state, boolean hasPeers) {
        List<RuntimeException> damages = new ArrayList<>();
        Optional<WalRecovery> sound = step("scan the log", () -> {
            try {
                return Optional.of(openLog(folder, state.applied()));
            } catch (WalCorruptedException | WalGapException e) {
                damages.add(e);
                found = "damaged";
                return Optional.<WalRecovery>empty();
            }
        });
        if (sound.isPresent()) {
            return sound.get();
        }
        RuntimeException damage = damages.get(0);
        long firstLost = damage instanceof WalCorruptedException corrupted
                ? corrupted.index()
                : state.applied().index() + 1;
        return step("repair the log", () -> {
            String done = repair.repair(damage, firstLost, state.applied(), hardStateFile, hasPeers);
            WalRecovery log = openLog(folder, state.applied());
            found = done;
            return log;
        });
    }

    /**
     * Whether anybody else has the entries: the membership that the state knows, and the one it began with. A state that was
     * begun anew knows of nobody who joined later; then whoever was met counts, for a founder of a cluster of one that has
     * grown. If all of those have been removed again, it waits for them, and loses nothing.
     */
    private static boolean hasPeers(KvStateMachine state, Founding founding, KnownStores met, NodeId self) {
        boolean knowsNobody = state.applied().index() == 0;
        return (knowsNobody && met.size() > 0)
                || Stream.of(state.membership(), founding.membership())
                        .flatMap(membership -> membership.all().stream())
                        .anyMatch(member -> !member.equals(self));
    }

    private boolean hasLoss(DataFolder folder) {
        return disk.exists(folder.loss());
    }

    private VoteEmbargo standBack(LogRepair repair, HardStateFile hardStateFile) {
        LogLoss loss =
                Objects.requireNonNull(repair.pending(hardStateFile.state().term()), "it was just there");
        LogRepair.raiseTerm(loss, hardStateFile);
        EntryId last = loss.embargo().knownLast();
        found = "what was acknowledged through term " + loss.embargo().throughTerm() + " from entry "
                + loss.firstLostIndex() + (last == null ? "" : " to " + last)
                + " on may be missing; no vote before the others have made up for it";
        return loss.embargo();
    }

    /** What the log itself proves to be committed needs nobody's word. */
    private static HardState withProven(HardState read, KvStateMachine state, Wal wal) {
        long proven = ProvenCommit.through(wal, state.applied().index());
        return new HardState(read.term(), read.votedFor(), Math.max(read.commitIndex(), proven));
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
            List<String> damages = damages(e);
            condemnIfDamaged(name, e);
            closeAll(e);
            throw new RecoveryFailedException(steps.size() + 1, name, e, damages);
        }
    }

    /** Damage that shows only after the state was opened, as when a snapshot is made of it: the next start makes it anew. */
    private void condemnIfDamaged(String step, RuntimeException failure) {
        try {
            if (storeRepair != null && StoreRepair.isDamage(failure)) {
                storeRepair.condemn(step + ": " + failure);
            }
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private List<String> damages(RuntimeException cause) {
        List<String> damages = new ArrayList<>(snapshotDamages);
        try {
            if (storeRepair != null) {
                damages.addAll(storeRepair.damages());
            }
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
        return damages;
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

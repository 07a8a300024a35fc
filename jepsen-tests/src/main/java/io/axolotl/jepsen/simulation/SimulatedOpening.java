package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.recovery.JoinPlan;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.Recovery;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineCursor;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link SimulatedNode} opens what its disk holds: as the server does, or as a planted bug would. Confined to the simulation's
 * thread.
 */
final class SimulatedOpening {
    private final SimulatedNode machine;
    private final Cluster cluster;
    private final Disk disk;

    /** @param disk as the process sees it */
    SimulatedOpening(SimulatedNode machine, Cluster cluster, Disk disk) {
        this.machine = machine;
        this.cluster = cluster;
        this.disk = disk;
    }

    /** @throws RecoveryFailedException as the server's own recovery does */
    RecoveredState recover() {
        if (machine.hasBug(PlantedBug.LOG_LOST_QUIETLY)
                && disk.exists(SimulatedDrive.LOG)
                && machine.starts() % 3 == 0) {
            disk.deleteTree(SimulatedDrive.LOG);
            Wal.create(disk, SimulatedDrive.LOG, walOptions());
        }
        RecoveredState found;
        try {
            found = open();
        } catch (RecoveryFailedException e) {
            if (!machine.hasBug(PlantedBug.HARD_STATE_MADE_ANEW) || !disk.exists(SimulatedDrive.HARD_STATE)) {
                throw e;
            }
            disk.deleteTree(SimulatedDrive.HARD_STATE);
            HardStateFile.create(disk, SimulatedDrive.HARD_STATE);
            found = open();
        }
        if (machine.hasBug(PlantedBug.SYNCED_TAKEN_FOR_TORN)) {
            cutLastEntry(found);
        }
        return with(found, machine.bent(found.hardState()), bent(found.embargo()));
    }

    private @Nullable VoteEmbargo bent(@Nullable VoteEmbargo embargo) {
        if (embargo == null || machine.hasBug(PlantedBug.EMBARGO_FORGOTTEN)) {
            return null;
        }
        return machine.hasBug(PlantedBug.EMBARGO_TOO_SHORT) && embargo.throughTerm() > 0
                ? new VoteEmbargo(embargo.throughTerm() - 1, null)
                : embargo;
    }

    /** Not what is known here to be committed: that would be missed. */
    private static void cutLastEntry(RecoveredState found) {
        Wal wal = found.wal();
        EntryId previous = wal.previous();
        long last = wal.last().index();
        if (last
                > Math.max(
                        found.stateMachine().applied().index(),
                        found.hardState().commitIndex())) {
            List<Entry> kept = wal.entries(previous.index() + 1, last, Long.MAX_VALUE);
            wal.reset(previous);
            wal.append(kept);
            wal.sync();
        }
    }

    private RecoveredState open() {
        return new Recovery(new Recovery.Settings(
                        disk,
                        SimulatedDrive.FOLDER,
                        origin(),
                        machine.memberName(),
                        machine.peerUrls(),
                        walOptions(),
                        this::openEngine,
                        new SplittableRandom(cluster.time().nowNanos() * 31 + machine.place())))
                .recover();
    }

    private WalOptions walOptions() {
        int segment = machine.settings().disk().segmentSizeBytes();
        return new WalOptions(segment, segment / 2, 1);
    }

    private KvEngine openEngine(Path folder) {
        KvEngine engine = cluster.engines().open(machine, disk, folder);
        if (machine.hasBug(PlantedBug.SESSIONS_NOT_IN_SNAPSHOT) && machine.isUp()) {
            forgetSessions(engine);
        }
        return machine.hasBug(PlantedBug.APPLIED_INDEX_LAGS) ? new LaggingEngine(engine) : engine;
    }

    private static void forgetSessions(KvEngine engine) {
        try (AtomicWrite write = engine.newWrite()) {
            forget(engine, write, MetaKeys.sessionsFrom(), MetaKeys.sessionsTo());
            forget(engine, write, MetaKeys.slotsFrom(), MetaKeys.slotsTo());
            engine.write(write);
        }
    }

    private static void forget(KvEngine engine, AtomicWrite write, byte[] from, byte[] to) {
        try (EngineCursor cursor = engine.scan(Space.META, from, to)) {
            while (cursor.next()) {
                write.delete(Space.META, cursor.key());
            }
        }
    }

    private Origin origin() {
        if (machine.isFounder()) {
            return new Origin.Founder(
                    new Origin.Place(Cluster.CLUSTER_ID, machine.id(), cluster.founding()),
                    () -> machine.hasBug(PlantedBug.HANDSHAKE_SKIPPED)
                            ? List.of()
                            : cluster.describeTo(machine.place()));
        }
        String ownUrl = machine.peerUrls().get(0);
        return new Origin.Joiner(() -> {
            Optional<ClusterDescription> answer = cluster.describeTo(machine.place()).stream()
                    .filter(description -> urls(description).contains(ownUrl))
                    .max(Comparator.comparingLong(ClusterDescription::appliedIndex));
            // The operator names whom the member list shows.
            return JoinPlan.place(ownUrl, answer.map(SimulatedOpening::urls).orElse(machine.peerUrls()), answer);
        });
    }

    private static List<String> urls(ClusterDescription description) {
        return description.members().stream()
                .flatMap(member -> member.peerUrls().stream())
                .toList();
    }

    private static RecoveredState with(RecoveredState found, HardState hardState, @Nullable VoteEmbargo embargo) {
        return new RecoveredState(
                found.folder(),
                found.identity(),
                found.founding(),
                found.starts(),
                found.knownStores(),
                found.liveState(),
                found.snapshotStore(),
                found.archives(),
                found.stateMachine(),
                found.wal(),
                found.hardStateFile(),
                hardState,
                found.snapshot(),
                embargo,
                found.logRepair(),
                found.storeRepair(),
                found.record());
    }
}

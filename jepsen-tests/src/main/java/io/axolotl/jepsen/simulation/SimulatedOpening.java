package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.server.recovery.JoinPlan;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.Recovery;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
        VoteEmbargo embargo = machine.hasBug(PlantedBug.EMBARGO_FORGOTTEN) ? null : found.embargo();
        return with(found, machine.bent(found.hardState()), embargo);
    }

    private RecoveredState open() {
        return new Recovery(new Recovery.Settings(
                        disk,
                        SimulatedDrive.FOLDER,
                        origin(),
                        machine.memberName(),
                        machine.peerUrls(),
                        walOptions(),
                        this::openEngine))
                .recover();
    }

    private WalOptions walOptions() {
        int segment = machine.settings().disk().segmentSizeBytes();
        return new WalOptions(segment, segment / 2, 1);
    }

    private KvEngine openEngine(Path folder) {
        KvEngine engine = cluster.engines().open(machine, disk, folder);
        return machine.hasBug(PlantedBug.APPLIED_INDEX_LAGS) ? new LaggingEngine(engine) : engine;
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

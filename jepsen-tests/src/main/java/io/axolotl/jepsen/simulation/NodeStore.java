package io.axolotl.jepsen.simulation;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.snapshot.LiveStore;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The state machine and the snapshots of one life of a node, in its data folder: the real stores over the faulty disk.
 *
 * <p>Confined to the simulation's thread.
 */
final class NodeStore {
    /** One file of a snapshot on its way to a peer. */
    record SentFile(String name, byte[] bytes) {}

    /** A snapshot on its way to a peer. */
    record Sent(SnapshotManifest manifest, List<SentFile> files) {}

    private static final long CLUSTER_ID = 0xa01;
    private static final int CHUNK_BYTES = 2048;

    /** As production keeps them: one may still be on its way to a peer while the next is taken. */
    private static final int SNAPSHOTS_KEPT = 2;

    private final SimulatedNode machine;
    private final Membership bootstrap;
    private final Disk disk;
    private final SnapshotStore snapshots;
    private final LiveStore live;
    private KvStateMachine stateMachine;

    /** Steps 2 to 4 of the recovery: what is half done is dropped; a complete newer snapshot becomes the live state. */
    NodeStore(SimulatedNode machine, Membership bootstrap, Path folder) {
        this.machine = machine;
        this.bootstrap = bootstrap;
        this.disk = machine.visibleDisk();
        Path snapshotsFolder = folder.resolve("snapshots");
        Path liveFolder = folder.resolve("db");
        disk.createDirectories(snapshotsFolder);
        disk.createDirectories(liveFolder);
        snapshots = new SnapshotStore(disk, snapshotsFolder, CLUSTER_ID);
        live = new LiveStore(disk, liveFolder);
        snapshots.dropPartial();
        stateMachine = open(live.current());
        SnapshotManifest newest = newest();
        if (newest != null && newest.last().index() > stateMachine.applied().index()) {
            machine.marks().hit("recovery: a newer snapshot waited");
            install(newest.last());
        }
        live.deleteOthers();
    }

    private KvStateMachine open(Path path) {
        KvEngine engine = MemoryEngine.open(disk, path);
        if (machine.hasBug(PlantedBug.APPLIED_INDEX_LAGS)) {
            engine = new LaggingEngine(engine);
        }
        return KvStateMachine.open(engine, bootstrap);
    }

    private @Nullable SnapshotManifest newest() {
        List<SnapshotManifest> all = snapshots.all();
        return all.isEmpty() ? null : all.get(0);
    }

    KvStateMachine stateMachine() {
        return stateMachine;
    }

    /** What the newest snapshot stands for; before the first one the beginning of the log. */
    SnapshotMetadata newestSnapshot() {
        SnapshotManifest newest = newest();
        return newest == null ? new SnapshotMetadata(EntryId.ZERO, bootstrap) : newest.metadata();
    }

    /** Takes a snapshot; it and all that it stands for are durable on return. */
    SnapshotMetadata takeSnapshot() {
        SnapshotMetadata metadata;
        try (Snapshot taken = snapshots.create(stateMachine)) {
            metadata = taken.manifest().metadata();
        }
        snapshots.deleteOlderThanNewest(SNAPSHOTS_KEPT);
        return metadata;
    }

    /** Puts the snapshot in the place of the live state, durably; nothing may use the old one any more. */
    void install(EntryId last) {
        try (Snapshot snapshot = snapshots.open(last).orElseThrow()) {
            Path built = live.build(snapshot, () -> {});
            KvStateMachine next = open(built);
            live.makeLive(built, snapshot);
            stateMachine.close();
            stateMachine = next;
        }
        live.deleteOthers();
    }

    /** All of a snapshot, to be sent; nothing if it is not kept any more. */
    Optional<Sent> read(EntryId last) {
        return snapshots.open(last).map(NodeStore::readAll);
    }

    private static Sent readAll(Snapshot snapshot) {
        try (snapshot) {
            List<SentFile> files = new ArrayList<>();
            snapshot.manifest()
                    .files()
                    .forEach(file -> files.add(new SentFile(
                            file.name(), snapshot.read(file.name(), 0, Math.toIntExact(file.sizeBytes())))));
            return new Sent(snapshot.manifest(), files);
        }
    }

    /**
     * Takes in a snapshot, from where an earlier try has ended.
     *
     * @param mostChunks the connection breaks after so many
     * @return whether it is complete, and durable
     */
    boolean receive(Sent sent, int mostChunks) {
        SnapshotReceiver receiver = snapshots.receive(sent.manifest());
        int chunks = 0;
        for (SentFile file : sent.files()) {
            long from = receiver.received(file.name());
            if (from > 0) {
                machine.marks().hit("snapshot transfer resumed");
            }
            for (int at = (int) from; at < file.bytes().length; at += CHUNK_BYTES) {
                if (chunks++ == mostChunks) {
                    return false;
                }
                int length = Math.min(CHUNK_BYTES, file.bytes().length - at);
                byte[] chunk = Arrays.copyOfRange(file.bytes(), at, at + length);
                CRC32C crc = new CRC32C();
                crc.update(chunk);
                receiver.write(file.name(), at, chunk, (int) crc.getValue());
            }
        }
        receiver.finish().close();
        return true;
    }
}

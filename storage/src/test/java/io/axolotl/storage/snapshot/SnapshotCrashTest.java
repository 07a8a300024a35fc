package io.axolotl.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A member takes a snapshot, receives a newer one, installs it and goes on, with the power cut before every single change
 * of the disk (D27, pitfalls 6, 43, 45). Whatever is found then is the state after some prefix of the log, and the member
 * goes on from there.
 */
class SnapshotCrashTest {
    private static final Path DB = Path.of("/data/db");
    private static final Path SNAPSHOTS = Path.of("/data/snapshots");
    private static final long CLUSTER = 5;
    private static final int ENTRIES = 40;

    private final Log log = new Log();
    /** The digest after each prefix of the log. */
    private final Digest[] digests = new Digest[ENTRIES + 1];

    private final FaultyDisk leaderDisk = newDisk();
    private final Snapshot offered;

    /** What the member may rely on, as the script goes on. */
    private long promised;

    SnapshotCrashTest() {
        KvStateMachine leader = KvStateMachine.open(MemoryEngine.open(leaderDisk, DB), Log.THREE);
        digests[0] = leader.digest();
        Snapshot taken = null;
        for (int i = 1; i <= ENTRIES; i++) {
            Command command = i % 11 == 0 ? new Command.Compact(i / 2, false) : Log.put("k" + i % 7, "v" + i);
            leader.apply(List.of(log.append(command)));
            digests[i] = leader.digest();
            if (i == 30) {
                taken = new SnapshotStore(leaderDisk, SNAPSHOTS, CLUSTER).create(leader);
            }
        }
        if (taken == null) {
            throw new AssertionError("the log is too short");
        }
        offered = taken;
    }

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(DB);
        disk.createDirectories(SNAPSHOTS);
        return disk;
    }

    private KvStateMachine open(FaultyDisk disk, Path live) {
        return KvStateMachine.open(MemoryEngine.open(disk, live), Log.THREE);
    }

    private void script(FaultyDisk disk) {
        SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, CLUSTER);
        LiveStore live = new LiveStore(disk, DB);
        store.dropPartial();
        KvStateMachine machine = open(disk, live.current());
        machine.apply(log.after(0).subList(0, 10));
        machine.flush();
        promised = 10;
        store.create(machine).close();
        machine.apply(log.after(10).subList(0, 5));
        Snapshot received = receive(store, offered);
        machine.close();
        Path installed = install(live, received);
        promised = 30;
        received.close();
        machine = open(disk, installed);
        live.deleteOthers();
        store.deleteOlderThanNewest(1);
        machine.apply(log.after(30));
        machine.flush();
        promised = ENTRIES;
        machine.close();
    }

    /** As a member does, but without opening what it has built. */
    static Path install(LiveStore live, Snapshot snapshot) {
        Path built = live.build(snapshot, () -> {});
        live.makeLive(built, snapshot);
        return built;
    }

    static Snapshot receive(SnapshotStore store, Snapshot offered) {
        SnapshotReceiver receiver = store.receive(offered.manifest());
        for (FileEntry file : offered.manifest().files()) {
            while (receiver.received(file.name()) < file.sizeBytes()) {
                long at = receiver.received(file.name());
                byte[] chunk = offered.read(file.name(), at, 700);
                receiver.write(file.name(), at, chunk, crcOf(chunk));
            }
        }
        return receiver.finish();
    }

    static int crcOf(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Test
    @DisplayName("D27 a power cut before any change of the disk leaves the old state or the new one")
    void powerCutAnywhereLeavesAWholeState() {
        int step = 0;
        boolean isOver = false;
        while (!isOver) {
            for (FaultyDisk.Outcome outcome : FaultyDisk.Outcome.values()) {
                isOver = crashAt(step, outcome);
            }
            step++;
        }
        assertThat(step).as("changes of the disk in the script").isGreaterThan(40);
    }

    /** @return whether the script came to its end */
    private boolean crashAt(int step, FaultyDisk.Outcome outcome) {
        Random random = new Random(step);
        FaultyDisk disk = newDisk();
        promised = 0;
        disk.crashAfter(step);
        boolean isOver = false;
        try {
            script(disk);
            isOver = true;
        } catch (SimulatedCrash e) {
            assertThat(e).hasMessageContaining("simulated");
        }
        disk.crash(outcome, random);
        String when = "crash at change " + step + ", " + outcome;

        SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, CLUSTER);
        store.dropPartial();
        for (SnapshotManifest whole : store.all()) {
            try (Snapshot snapshot = store.open(whole.last()).orElseThrow()) {
                snapshot.verify();
            }
        }
        LiveStore live = new LiveStore(disk, DB);
        KvStateMachine machine = open(disk, live.current());
        long applied = machine.applied().index();
        assertThat(applied).as(when).isGreaterThanOrEqualTo(promised);
        assertThat(machine.digest()).as(when).isEqualTo(digests[(int) applied]);

        Optional<Snapshot> newest = store.newest();
        if (newest.isPresent() && newest.get().manifest().last().index() > applied) {
            machine.close();
            machine = open(disk, install(live, newest.get()));
        }
        newest.ifPresent(Snapshot::close);
        live.deleteOthers();
        List<Entry> rest = log.after(machine.applied().index());
        machine.apply(rest);
        assertThat(machine.digest()).as(when).isEqualTo(digests[ENTRIES]);
        machine.flush();
        disk.crash(outcome, random);
        assertThat(open(disk, new LiveStore(disk, DB).current()).digest())
                .as("%s, then a second power cut", when)
                .isEqualTo(digests[ENTRIES]);
        return isOver;
    }

    @Test
    @DisplayName("pitfall 45 receiving a snapshot again, with the power cut anywhere, never costs the good copy")
    void receivingAgainKeepsTheGoodCopy() {
        receiveAgainWithPowerCuts(disk -> {});
    }

    @Test
    @DisplayName("pitfall 45 a damaged snapshot is replaced by a whole one, and a power cut never leaves neither")
    void replacingADamagedCopyNeverLeavesNeither() {
        FileEntry file = offered.manifest().files().get(0);
        receiveAgainWithPowerCuts(disk -> {
            Path whole = disk.list(SNAPSHOTS).get(0);
            disk.flipBit(SnapshotStore.filesOf(whole).resolve(file.name()), file.sizeBytes() / 2, 0);
        });
    }

    private void receiveAgainWithPowerCuts(Consumer<FaultyDisk> beforeTheSecond) {
        boolean isOver = false;
        for (int step = 0; !isOver; step++) {
            for (FaultyDisk.Outcome outcome : FaultyDisk.Outcome.values()) {
                FaultyDisk disk = newDisk();
                SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, CLUSTER);
                receive(store, offered).close();
                beforeTheSecond.accept(disk);
                disk.crashAfter(step);
                isOver = false;
                try {
                    receive(store, offered).close();
                    isOver = true;
                } catch (SimulatedCrash e) {
                    assertThat(e).hasMessageContaining("simulated");
                }
                disk.crash(outcome, new Random(step));
                String when = "crash at change " + step + ", " + outcome;
                SnapshotStore after = new SnapshotStore(disk, SNAPSHOTS, CLUSTER);
                after.dropPartial();
                assertThat(after.all()).as(when).containsExactly(offered.manifest());
                assertThat(disk.list(SNAPSHOTS)).as(when).hasSize(1);
                try (Snapshot again = receive(after, offered)) {
                    again.verify();
                }
                if (isOver) {
                    try (Snapshot found = after.newest().orElseThrow()) {
                        found.verify();
                    }
                }
            }
        }
    }

    @Test
    void snapshotStandsForItsEntryWhateverCameAfter() {
        byte[] manifest = offered.manifest().encode();
        assertThat(offered.manifest().last().index()).isEqualTo(30);
        assertThat(SnapshotManifest.decode(manifest, Path.of("sent"))).isEqualTo(offered.manifest());
        FaultyDisk disk = newDisk();
        SnapshotStore store = new SnapshotStore(disk, SNAPSHOTS, CLUSTER);
        try (Snapshot received = receive(store, offered)) {
            Path live = install(new LiveStore(disk, DB), received);
            assertThat(open(disk, live).digest()).isEqualTo(digests[30]);
        }
        assertThat(Arrays.asList(digests)).doesNotHaveDuplicates();
    }
}

package io.axolotl.server.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.HardState;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.RequestId;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.wal.WalOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final Path FOLDER = Path.of("/data");
    private static final NodeId SELF = new NodeId(1);

    private final FaultyDisk disk = newDisk();

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        disk.createDirectories(FOLDER);
        return disk;
    }

    private static RecoveredState recover(FaultyDisk disk) {
        return new Recovery(settings(disk)).recover();
    }

    private static Recovery.Settings settings(FaultyDisk disk) {
        return new Recovery.Settings(
                disk,
                FOLDER,
                new Origin.Founder(
                        new Origin.Place(77, SELF, new Founding(Membership.ofVoters(List.of(SELF)), List.of()))),
                "n1",
                List.of("http://here:2380"),
                new WalOptions(1 << 14, 1 << 12, 1),
                folder -> MemoryEngine.open(disk, folder));
    }

    private static List<Entry> puts(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Command put = new Command.Put(new byte[] {(byte) i}, new byte[] {1}, 0, false, false, false);
            entries.add(
                    new Entry(new EntryId(1, i), Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, i), put)));
        }
        return entries;
    }

    @Test
    @DisplayName("design 4: the steps of a start are recorded in their order, each with what it found")
    void stepsAreRecorded() {
        RecoveredState first = recover(disk);
        assertThat(first.record().isFirstStart()).isTrue();
        first.close(first.stateMachine());
        RecoveryRecord record = recover(disk).record();
        assertThat(record.isFirstStart()).isFalse();
        assertThat(record.steps())
                .extracting(RecoveryRecord.Step::name)
                .containsExactly(
                        "lock the data folder",
                        "read the identity",
                        "drop half-received snapshots",
                        "open the state machine",
                        "swap to a newer snapshot, if one waits",
                        "read term and vote",
                        "scan the log");
        assertThat(record.toText()).contains("member 1 of cluster 4d").contains("term 0");
    }

    @Test
    @DisplayName("what was synced is found again; what was only applied is to be replayed")
    void syncedEntriesWaitForReplay() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, SELF, 0));
        before.wal().append(puts(5));
        before.wal().sync();
        before.stateMachine().apply(puts(5));
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        RecoveredState after = recover(disk);
        assertThat(after.hardState().term()).isEqualTo(1);
        assertThat(after.wal().last()).isEqualTo(new EntryId(1, 5));
        assertThat(after.stateMachine().applied()).isEqualTo(EntryId.ZERO);
        assertThat(after.record().entriesToReplay()).isEqualTo(5);
    }

    @Test
    @DisplayName("pitfalls 5, 15: lost term and vote are refused, and the folder is let go of")
    void lostHardStateIsRefused() {
        RecoveredState first = recover(disk);
        first.close(first.stateMachine());
        Path hardState = FOLDER.resolve("member").resolve("hardstate");
        disk.overwrite(hardState, 0, new byte[64]);
        disk.overwrite(hardState, 4096, new byte[64]);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> recover(disk))
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("read term and vote");
        }
    }

    @Test
    @DisplayName(
            "pitfalls 43, 47: a snapshot that had arrived when the power went is installed, and the log begins after it")
    void aSnapshotThatWaitsIsInstalled() {
        FaultyDisk there = newDisk();
        RecoveredState leader = recover(there);
        leader.wal().append(puts(9));
        leader.wal().sync();
        leader.stateMachine().apply(puts(9));
        RecoveredState follower = recover(disk);
        follower.hardStateFile().write(new HardState(1, null, 0));
        follower.wal().append(puts(2));
        follower.wal().sync();
        try (Snapshot snapshot = leader.snapshotStore().create(leader.stateMachine())) {
            SnapshotReceiver receiver = follower.snapshotStore().receive(snapshot.manifest());
            for (SnapshotManifest.FileEntry file : snapshot.manifest().files()) {
                byte[] bytes = snapshot.read(file.name(), 0, Integer.MAX_VALUE);
                CRC32C crc = new CRC32C();
                crc.update(bytes, 0, bytes.length);
                receiver.write(file.name(), 0, bytes, (int) crc.getValue());
            }
            receiver.finish().close();
        }
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        RecoveredState after = recover(disk);
        EntryId last = new EntryId(1, 9);
        assertThat(after.stateMachine().applied()).isEqualTo(last);
        assertThat(after.snapshot().last()).isEqualTo(last);
        assertThat(after.wal().previous()).isEqualTo(last);
        assertThat(after.record().snapshotUsed()).isEqualTo(last);
        assertThat(after.record().isLogReset()).isTrue();
    }

    @Test
    @DisplayName("D13: a member whose only snapshot has gone bad starts from its live state, and has a snapshot again")
    void aDamagedSnapshotDoesNotKeepAMemberDown() {
        Membership learned =
                new Membership(new TreeSet<>(List.of(SELF)), new TreeSet<>(), new TreeSet<>(List.of(new NodeId(2))));
        EntryId last = new EntryId(1, 10);
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 10));
        before.stateMachine().apply(puts(9));
        before.stateMachine().apply(List.of(new Entry(last, Entry.Kind.MEMBERSHIP, learned.encode())));
        before.liveState().makeSnapshot(before.stateMachine());
        before.wal().reset(last);
        Path snapshots = before.folder().snapshots();
        before.close(before.stateMachine());
        disk.flipBit(disk.list(snapshots).get(0).resolve("manifest"), 20, 1);

        RecoveredState after = recover(disk);
        assertThat(after.wal().previous()).isEqualTo(last);
        assertThat(after.snapshot()).isEqualTo(new SnapshotMetadata(last, learned));
        assertThat(after.snapshotStore().all())
                .extracting(SnapshotManifest::metadata)
                .containsExactly(after.snapshot());
        after.close(after.stateMachine());

        disk.deleteTree(disk.list(snapshots).get(0));
        RecoveredState withNone = recover(disk);
        assertThat(withNone.snapshot()).isEqualTo(new SnapshotMetadata(last, learned));
    }

    @Test
    @DisplayName("D13: a snapshot that waits but is damaged is set aside, and an older state and the log do as well")
    void aDamagedSnapshotThatWaitsIsSetAside() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.wal().append(puts(9));
        before.wal().sync();
        before.stateMachine().apply(puts(9));
        before.liveState().makeSnapshot(before.stateMachine());
        Path snapshots = before.folder().snapshots();
        Path db = before.folder().db();
        disk.kill();
        // The state fell behind its snapshot, which has rotted.
        disk.list(db.resolve("1")).forEach(disk::delete);
        Path file = disk.list(disk.list(snapshots).get(0).resolve("db")).get(0);
        disk.flipBit(file, 30, 1);
        RecoveredState after = recover(disk);
        assertThat(after.stateMachine().applied()).isEqualTo(EntryId.ZERO);
        assertThat(after.wal().last()).isEqualTo(new EntryId(1, 9));
        assertThat(after.record().toText()).contains("set aside").contains(file.toString());
        assertThat(after.snapshotStore().all()).isEmpty();
        assertThat(after.embargo()).as("the log is whole").isNull();
    }

    @Test
    @DisplayName(
            "D14: a state that was condemned when the process ended is made anew, here from the snapshot and the log")
    void aCondemnedStateIsMadeAnew() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.wal().append(puts(9));
        before.wal().sync();
        before.stateMachine().apply(puts(5));
        before.liveState().makeSnapshot(before.stateMachine());
        before.stateMachine().apply(puts(9).subList(5, 9));
        before.stateMachine().flush();
        List<String> ends = new ArrayList<>();
        FatalHandler fatal = new StoreRepair(disk, before.folder().db()).condemning((what, cause) -> ends.add(what));
        fatal.fatal("a sync failed", new IllegalStateException("no damage"));
        assertThat(new StoreRepair(disk, before.folder().db()).condemnation()).isNull();
        fatal.fatal("a read failed", new IllegalStateException(new EngineException("block 7 is bad", null, true)));
        assertThat(ends).containsExactly("a sync failed", "a read failed");
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));

        RecoveredState after = recover(disk);
        assertThat(after.record().toText())
                .contains("set the damaged state aside")
                .contains("a read failed");
        assertThat(after.stateMachine().applied())
                .as("the snapshot; the log has the rest")
                .isEqualTo(new EntryId(1, 5));
        assertThat(after.wal().last()).isEqualTo(new EntryId(1, 9));
        after.close(after.stateMachine());
        RecoveredState again = recover(disk);
        assertThat(again.record().toText()).doesNotContain("set the damaged state aside");
        assertThat(disk.list(again.folder().member()))
                .noneMatch(path -> path.toString().contains("damaged"));
    }

    @Test
    @DisplayName("D16, D27: a crash before any disk operation of making a state anew never leaves a wrong one")
    void aCrashWhileAStateIsMadeAnew() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.wal().append(puts(9));
        before.wal().sync();
        before.stateMachine().apply(puts(5));
        before.liveState().makeSnapshot(before.stateMachine());
        Path db = before.folder().db();
        disk.kill();
        disk.flipBit(disk.list(db.resolve("1")).get(0), 30, 1);
        FaultyDisk counted = disk.copy();
        long changes = counted.changes();
        recover(counted);
        long steps = counted.changes() - changes;
        assertThat(steps).isGreaterThan(15);
        for (long step = 0; step < steps; step++) {
            for (FaultyDisk.Outcome how : FaultyDisk.Outcome.values()) {
                FaultyDisk crashed = disk.copy();
                crashed.crashAfter(step);
                try {
                    recover(crashed);
                } catch (SimulatedCrash | RuntimeException expected) {
                    assertThat(expected).isNotNull();
                }
                crashed.crash(how, new Random(step));
                RecoveredState after = recover(crashed);
                assertThat(after.stateMachine().applied())
                        .as("%s before change %s", how, step)
                        .isEqualTo(new EntryId(1, 5));
                assertThat(after.wal().last()).isEqualTo(new EntryId(1, 9));
            }
        }
    }

    @Test
    @DisplayName("pitfall 58: without room for a snapshot in place of a lost one, the member starts all the same")
    void aFullDiskDoesNotKeepAMemberDown() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.stateMachine().apply(puts(9));
        before.liveState().makeSnapshot(before.stateMachine());
        before.wal().reset(new EntryId(1, 9));
        Path snapshots = before.folder().snapshots();
        before.close(before.stateMachine());
        disk.deleteTree(disk.list(snapshots).get(0));
        disk.before((operation, path) -> {
            // What the snapshot needs is refused; the rest of the start finds its room.
            disk.limitBytes(path.startsWith(snapshots) ? 0 : Long.MAX_VALUE);
        });
        RecoveredState after = recover(disk);
        assertThat(after.snapshot().last()).isEqualTo(new EntryId(1, 9));
        assertThat(after.snapshotStore().all()).isEmpty();
        assertThat(disk.list(snapshots)).isEmpty();
    }

    @Test
    @DisplayName("D27: giving back the room of a replaced state spares what a second install is just building")
    void closingARetiredStateSparesASecondInstall() {
        RecoveredState node = recover(disk);
        LiveState live = node.liveState();
        KvStateMachine first = node.stateMachine();
        first.apply(puts(3));
        SnapshotMetadata three = live.makeSnapshot(first);
        KvStateMachine second = live.install(three, () -> {}, RecoveryTest::giveUp);
        second.apply(puts(5).subList(3, 5));
        SnapshotMetadata five = live.makeSnapshot(second);
        live.retire(first);
        Path db = node.folder().db();
        List<KvStateMachine> installed = new ArrayList<>();
        disk.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.LIST && path.startsWith(db) && installed.isEmpty()) {
                disk.before((any, where) -> {});
                installed.add(live.install(five, () -> {}, RecoveryTest::giveUp));
            }
        });
        assertThat(live.closeRetired()).isTrue();
        assertThat(installed).hasSize(1);
        assertThat(disk.list(db))
                .as("the first is gone; the second may still be read")
                .containsExactly(db.resolve("2"), db.resolve("3"), db.resolve("CURRENT"));
        second.flush();
        live.retire(second);
        assertThat(live.closeRetired()).isTrue();
        node.close(installed.get(0));
        assertThat(recover(disk).stateMachine().applied()).isEqualTo(five.last());
    }

    @Test
    @DisplayName("pitfall 58, D1: an install that finds no room waits until there is some, and leaves no half folder behind")
    void anInstallWaitsForRoom() {
        RecoveredState node = recover(disk);
        LiveState live = node.liveState();
        KvStateMachine first = node.stateMachine();
        first.apply(puts(3));
        SnapshotMetadata three = live.makeSnapshot(first);
        Path db = node.folder().db();
        AtomicInteger waits = new AtomicInteger();
        disk.limitBytes(0);
        KvStateMachine second = live.install(three, () -> {}, full -> {
            if (waits.incrementAndGet() == 3) {
                disk.limitBytes(Long.MAX_VALUE);
            }
        });
        assertThat(waits).hasValue(3);
        assertThat(second.applied()).isEqualTo(three.last());
        live.retire(first);
        assertThat(live.closeRetired()).isTrue();
        assertThat(disk.list(db)).containsExactly(db.resolve("2"), db.resolve("CURRENT"));

        SnapshotMetadata again = live.makeSnapshot(second);
        disk.limitBytes(0);
        assertThatThrownBy(() -> live.install(again, () -> {}, RecoveryTest::giveUp))
                .isInstanceOf(DiskFullException.class);
        disk.limitBytes(Long.MAX_VALUE);
        node.close(second);
        assertThat(recover(disk).stateMachine().applied()).isEqualTo(three.last());
    }

    private static void giveUp(RuntimeException full) {
        throw full;
    }
}

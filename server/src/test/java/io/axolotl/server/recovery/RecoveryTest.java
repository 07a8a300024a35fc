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
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.identity.StoreId;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.mvcc.UnknownFormatException;
import io.axolotl.storage.snapshot.Snapshot;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.snapshot.SnapshotManifest;
import io.axolotl.storage.snapshot.SnapshotReceiver;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.wal.WalOptions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        return settings(disk, folder -> MemoryEngine.open(disk, folder));
    }

    private static Recovery.Settings settings(FaultyDisk disk, EngineOpener engines) {
        return new Recovery.Settings(
                disk,
                FOLDER,
                new Origin.Founder(
                        new Origin.Place(77, SELF, new Founding(Membership.ofVoters(List.of(SELF)), List.of())),
                        List::of),
                "n1",
                List.of("http://here:2380"),
                new WalOptions(1 << 14, 1 << 12, 1),
                engines);
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
                .as("the log has not been applied yet")
                .anyMatch(path -> path.toString().endsWith("db.damaged1"));
        again.stateIsWhole();
        assertThat(disk.list(again.folder().member()))
                .noneMatch(path -> path.toString().contains("damaged"));
    }

    /** A member without peers whose state and whose only snapshot share a rotten file; its log begins behind both. */
    private Path rotWhereNobodyCanHelp() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.stateMachine().apply(puts(9));
        before.liveState().makeSnapshot(before.stateMachine());
        before.wal().reset(new EntryId(1, 9));
        Path state = before.folder().db().resolve("1").resolve("MEMORY");
        Path snapshot = disk.list(before.folder().snapshots()).get(0);
        before.close(before.stateMachine());
        disk.flipBit(state, 30, 1);
        disk.flipBit(snapshot.resolve("db").resolve("MEMORY"), 30, 1);
        return state;
    }

    private static List<Path> allFiles(FaultyDisk disk, Path folder) {
        List<Path> files = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            if (disk.isDirectory(path)) {
                files.addAll(allFiles(disk, path));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    private static long copiesOf(byte[] content, FaultyDisk disk) {
        return allFiles(disk, FOLDER).stream()
                .filter(file -> Arrays.equals(disk.content(file), content))
                .count();
    }

    @Test
    @DisplayName(
            "D13, D14, D16: on a member without peers every start refuses, names the rotten file, and throws away no copy of it")
    void damageOnAMemberWithoutPeersIsNeverThrownAway() {
        Path state = rotWhereNobodyCanHelp();
        byte[] rotten = disk.content(state);
        for (int start = 1; start <= 3; start++) {
            assertThatThrownBy(() -> recover(disk))
                    .as("start %d", start)
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("the entries between them are in neither")
                    .hasMessageContaining(state + " is damaged")
                    .hasMessageContaining("db.damaged1")
                    .hasMessageContaining("a snapshot was set aside");
            assertThat(copiesOf(rotten, disk))
                    .as("the state's and the snapshot's after start %d", start)
                    .isEqualTo(2);
        }
        // The way back, as docs/recovery.md has it: an intact copy of the file, and the folder under its old name.
        Path member = FOLDER.resolve("member");
        Path aside = member.resolve("db.damaged1");
        disk.flipBit(aside.resolve("1").resolve("MEMORY"), 30, 1);
        disk.deleteTree(member.resolve("db"));
        disk.rename(aside, member.resolve("db"));
        RecoveredState mended = recover(disk);
        assertThat(mended.stateMachine().applied()).isEqualTo(new EntryId(1, 9));
        assertThat(mended.snapshot().last()).isEqualTo(new EntryId(1, 9));
        mended.stateIsWhole();
        assertThat(allFiles(disk, member)).noneMatch(path -> path.toString().contains("damaged"));
    }

    @Test
    @DisplayName(
            "D16, D27: a crash before any disk operation of setting damage aside, and two more starts, keep every copy")
    void aCrashWhileDamageIsSetAsideKeepsIt() {
        byte[] rotten = disk.content(rotWhereNobodyCanHelp());
        FaultyDisk counted = disk.copy();
        long changes = counted.changes();
        assertThatThrownBy(() -> recover(counted)).isInstanceOf(RecoveryFailedException.class);
        long steps = counted.changes() - changes;
        assertThat(steps).isGreaterThan(10);
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
                for (int start = 1; start <= 2; start++) {
                    assertThatThrownBy(() -> recover(crashed))
                            .as("%s before change %s", how, step)
                            .isInstanceOf(RecoveryFailedException.class)
                            .hasMessageContaining("MEMORY is damaged");
                    assertThat(copiesOf(rotten, crashed))
                            .as("%s before change %s", how, step)
                            .isEqualTo(2);
                }
            }
        }
    }

    /** An engine that opens, but whose files turn out to be damaged when a copy of them is made. */
    private static KvEngine rotten(KvEngine engine) {
        return (KvEngine) Proxy.newProxyInstance(
                RecoveryTest.class.getClassLoader(), new Class<?>[] {KvEngine.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("checkpoint")) {
                        throw new EngineException("block 7 is bad", null, true);
                    }
                    try {
                        return method.invoke(engine, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    @DisplayName("D14: damage that a start finds after it has opened the state condemns the state for the next start")
    void damageThatALaterStepOfAStartFindsIsCondemned() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.stateMachine().apply(puts(9));
        before.stateMachine().flush();
        before.wal().reset(new EntryId(1, 9));
        before.close(before.stateMachine());
        EngineOpener engines = folder -> rotten(MemoryEngine.open(disk, folder));
        assertThatThrownBy(() -> new Recovery(settings(disk, engines)).recover())
                .isInstanceOf(RecoveryFailedException.class)
                .hasMessageContaining("make up for a lost snapshot");
        assertThat(new StoreRepair(disk, before.folder().db()).condemnation()).contains("block 7 is bad");
    }

    @Test
    @DisplayName("D13: a snapshot that is what its manifest says but cannot be opened is not tried for ever")
    void aSnapshotThatIsNoStateIsSetAside() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.wal().append(puts(9));
        before.wal().sync();
        before.stateMachine().apply(puts(9));
        before.liveState().makeSnapshot(before.stateMachine());
        Path db = before.folder().db();
        disk.kill();
        disk.list(db.resolve("1")).forEach(disk::delete);
        EngineOpener engines = folder -> {
            if (folder.equals(db.resolve("2"))) {
                throw new EngineException("block 7 is bad", null, true);
            }
            return MemoryEngine.open(disk, folder);
        };
        RecoveredState after = new Recovery(settings(disk, engines)).recover();
        assertThat(after.record().toText()).contains("block 7 is bad").contains("set aside");
        assertThat(after.stateMachine().applied()).isEqualTo(EntryId.ZERO);
        assertThat(after.wal().last()).isEqualTo(new EntryId(1, 9));
        assertThat(after.snapshotStore().all()).isEmpty();
        assertThat(after.snapshotStore().damaged()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "D13, D27: an install whose state does not open, or is another, leaves the old one live after a restart")
    void anInstallThatDoesNotOpenLeavesTheOldState(boolean isAnother) {
        AtomicInteger opens = new AtomicInteger();
        RecoveredState node = new Recovery(settings(disk, folder -> {
                    if (opens.incrementAndGet() == 1) {
                        return MemoryEngine.open(disk, folder);
                    }
                    if (isAnother) {
                        return MemoryEngine.open(disk, folder.resolve("nothing"));
                    }
                    throw new EngineException("block 7 is bad", null, true);
                }))
                .recover();
        LiveState live = node.liveState();
        KvStateMachine old = node.stateMachine();
        old.apply(puts(9));
        SnapshotMetadata nine = live.makeSnapshot(old);
        Path db = node.folder().db();
        StoreRepair repair = new StoreRepair(disk, db);
        assertThatThrownBy(() -> live.install(nine, () -> {}, RecoveryTest::giveUp))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("not the state of " + nine.last())
                .hasMessageContaining(isAnother ? "that of " + EntryId.ZERO : "block 7 is bad")
                .satisfies(failure -> repair.condemning((what, cause) -> {}).fatal("install failed", failure));
        assertThat(repair.condemnation())
                .as("the live state is as sound as before")
                .isNull();
        assertThat(disk.list(db)).containsExactly(db.resolve("1"), db.resolve("CURRENT"));
        assertThat(node.snapshotStore().damaged()).hasSize(1);
        assertThat(old.digest()).as("it still answers").isNotNull();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));

        RecoveredState after = recover(disk);
        assertThat(after.stateMachine().applied()).isEqualTo(nine.last());
        assertThat(after.record().toText()).doesNotContain("set the damaged state aside");
    }

    @Test
    @DisplayName("O3: an install of a newer release's state leaves the old one live, and the snapshot for that release")
    void anInstallOfANewerReleaseLeavesTheOldState() {
        AtomicInteger opens = new AtomicInteger();
        RecoveredState node = new Recovery(settings(disk, folder -> {
                    if (opens.incrementAndGet() == 2) {
                        throw new UnknownFormatException("its format is 99", "1");
                    }
                    return MemoryEngine.open(disk, folder);
                }))
                .recover();
        node.stateMachine().apply(puts(9));
        SnapshotMetadata nine = node.liveState().makeSnapshot(node.stateMachine());
        assertThatThrownBy(() -> node.liveState().install(nine, () -> {}, RecoveryTest::giveUp))
                .isInstanceOf(UnknownFormatException.class);
        Path db = node.folder().db();
        assertThat(disk.list(db)).containsExactly(db.resolve("1"), db.resolve("CURRENT"));
        assertThat(node.snapshotStore().all()).hasSize(1);
    }

    @Test
    @DisplayName("D14: the founder of a cluster of one that has grown knows, without its state, that others can help")
    void theFounderOfAGrownClusterIsHelped() {
        rotWhereNobodyCanHelp();
        FaultyDisk grown = disk.copy();
        KnownStores.open(grown, FOLDER.resolve("member").resolve("peers"))
                .remember(new NodeId(2), new KnownStores.Known(new StoreId(1, 2), 1, 1, 0));
        RecoveredState helped = recover(grown);
        assertThat(helped.embargo()).isNotNull();
        assertThat(helped.stateMachine().applied()).isEqualTo(EntryId.ZERO);
        assertThatThrownBy(() -> recover(disk)).isInstanceOf(RecoveryFailedException.class);
    }

    @Test
    @DisplayName("D11: one who was left alone still refuses, and names the damage, though it had met others")
    void aMemberThatWasLeftAloneRefuses() {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, null, 9));
        before.knownStores().remember(new NodeId(2), new KnownStores.Known(new StoreId(1, 2), 1, 1, 0));
        before.stateMachine().apply(puts(5));
        before.stateMachine().flush();
        before.wal().append(puts(9));
        before.wal().sync();
        Path segment = disk.list(before.folder().wal()).get(0);
        disk.kill();
        disk.flipBit(segment, 700, 1);
        assertThatThrownBy(() -> recover(disk))
                .isInstanceOf(RecoveryFailedException.class)
                .hasMessageContaining(segment.toString());
    }

    @Test
    @DisplayName("D1: a start on a disk that is full to the last byte gives the reserve back before its first write")
    void aStartOnAFullDiskReleasesTheReserveFirst() {
        RecoveredState before = recover(disk);
        before.folder().reserve(1 << 20).grow(1 << 20);
        before.close(before.stateMachine());
        disk.limitBytes(disk.usedBytes());
        assertThat(disk.usableBytes(FOLDER)).isZero();
        RecoveredState after = recover(disk);
        assertThat(after.starts()).isEqualTo(2);
        assertThat(disk.exists(FOLDER.resolve("member").resolve("reserve"))).isFalse();
    }

    @Test
    @DisplayName("O3: a state of a newer release is refused by its version, and neither set aside nor made anew")
    void aStateOfANewerReleaseIsLeftAlone() {
        RecoveredState before = recover(disk);
        before.stateMachine().apply(puts(3));
        before.stateMachine().flush();
        before.close(before.stateMachine());
        Path live = before.folder().db().resolve("1");
        for (byte key : new byte[] {1, 2}) {
            FaultyDisk newer = disk.copy();
            try (MemoryEngine engine = MemoryEngine.open(newer, live);
                    AtomicWrite write = engine.newWrite()) {
                write.put(Space.META, new byte[] {key}, new byte[] {99, 1, 2, 3});
                engine.write(write);
                engine.flush();
            }
            byte[] content = newer.content(live.resolve("MEMORY"));
            for (int start = 1; start <= 2; start++) {
                assertThatThrownBy(() -> recover(newer))
                        .isInstanceOf(RecoveryFailedException.class)
                        .hasCauseInstanceOf(UnknownFormatException.class)
                        .hasMessageContaining("Start the release that wrote it");
                assertThat(newer.content(live.resolve("MEMORY"))).isEqualTo(content);
            }
        }
    }

    @Test
    @DisplayName("D11: damaged files of the log that a crash has left behind go with the next start that comes up")
    void leftoversOfARepairedLogGo() {
        RecoveredState first = recover(disk);
        first.close(first.stateMachine());
        Path leftover = FOLDER.resolve("member").resolve("wal.damaged2");
        disk.createDirectory(leftover);
        RecoveredState again = recover(disk);
        assertThat(disk.exists(leftover)).isTrue();
        again.stateIsWhole();
        assertThat(disk.exists(leftover)).isFalse();
    }

    @Test
    @DisplayName(
            "D14: a state whose parts do not belong together is condemned while the node runs, as it is at a start")
    void aStateThatContradictsItselfIsCondemned() {
        RecoveredState node = recover(disk);
        StoreRepair repair = new StoreRepair(disk, node.folder().db());
        repair.condemning((what, cause) -> {})
                .fatal("apply failed", new IllegalStateException(new StoreDamagedException("revision 7 is missing")));
        assertThat(repair.condemnation()).contains("revision 7 is missing");
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
    @DisplayName(
            "pitfall 58, D1: an install that finds no room waits until there is some, and leaves no half folder behind")
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

    private Recovery.Settings settings(Origin origin, String name, String peerUrl) {
        return new Recovery.Settings(
                disk,
                FOLDER,
                origin,
                name,
                List.of(peerUrl),
                new WalOptions(1 << 14, 1 << 12, 1),
                folder -> MemoryEngine.open(disk, folder));
    }

    @Test
    @DisplayName(
            "D19, CL-3: a member that moved before its own state knew its name has its folder; one with another's has not")
    void aMemberThatMovedEarlyHasItsFolder() {
        MemberAttributes founder = new MemberAttributes(1, "", List.of("http://old:2380"), List.of(), false);
        Origin.Place place =
                new Origin.Place(77, SELF, new Founding(Membership.ofVoters(List.of(SELF)), List.of(founder)));
        Origin asFounder = new Origin.Founder(place, List::of);
        RecoveredState first = new Recovery(settings(asFounder, "n1", "http://old:2380")).recover();
        Command named = new Command.PublishMember(1, "n1", List.of(), List.of("http://c:2379"), null);
        first.stateMachine()
                .apply(List.of(new Entry(
                        new EntryId(1, 1), Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, 1), named))));
        // The name goes with what was not flushed.
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));

        Origin asMember = new Origin.Joiner(() -> {
            throw new AssertionError("a member that has a folder asked for its place");
        });
        RecoveredState moved = new Recovery(settings(asMember, "n1", "http://new:2380")).recover();
        assertThat(moved.identity().memberId()).isEqualTo(SELF);
        moved.stateMachine()
                .apply(List.of(new Entry(
                        new EntryId(1, 1), Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, 1), named))));
        moved.stateMachine().flush();
        moved.close(moved.stateMachine());
        assertThatThrownBy(() -> new Recovery(settings(asMember, "n2", "http://new:2380")).recover())
                .isInstanceOf(RecoveryFailedException.class)
                .hasMessageContaining("that of member 1, called n1, at http://old:2380")
                .hasMessageContaining("Were the disks of two members exchanged?");
    }

    private static Entry addMember(long index, long memberId) {
        Command add = new Command.AddMember(memberId, List.of("http://b:2380"), false, false, 10);
        return new Entry(new EntryId(1, index), Entry.Kind.COMMAND, CommandCodec.encode(new RequestId(1, index), add));
    }

    private static Entry membership(long index, NodeId... voters) {
        return new Entry(
                new EntryId(1, index),
                Entry.Kind.MEMBERSHIP,
                Membership.ofVoters(List.of(voters)).encode());
    }

    private long commitIndexAfter(List<Entry> entries) {
        RecoveredState before = recover(disk);
        before.hardStateFile().write(new HardState(1, SELF, 1));
        before.wal().append(entries);
        before.wal().sync();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        return recover(disk).hardState().commitIndex();
    }

    @Test
    @DisplayName(
            "M1: a membership in the log proves the command before it that adds the member, however long ago it was")
    void aMembershipProvesTheCommandThatAskedForIt() {
        List<Entry> entries = new ArrayList<>(puts(40));
        entries.set(3, addMember(4, 2));
        entries.set(37, membership(38, SELF, new NodeId(2)));
        entries.set(38, addMember(39, 3));
        assertThat(commitIndexAfter(entries)).isEqualTo(4);
    }

    @Test
    @DisplayName("M1: a membership without the member, or before the command, proves nothing")
    void anotherMembershipProvesNothing() {
        List<Entry> entries = new ArrayList<>(puts(8));
        entries.set(2, membership(3, SELF, new NodeId(2)));
        entries.set(4, addMember(5, 2));
        entries.set(5, addMember(6, 3));
        entries.set(7, membership(8, SELF));
        assertThat(commitIndexAfter(entries)).isEqualTo(1);
    }
}

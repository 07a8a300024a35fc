package io.axolotl.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.Disk;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.engine.AtomicWrite;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.EngineFullException;
import io.axolotl.storage.engine.KvEngine;
import io.axolotl.storage.engine.Space;
import io.axolotl.storage.mvcc.Digest;
import io.axolotl.storage.mvcc.MetaKeys;
import io.axolotl.storage.mvcc.StoreDamagedException;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.snapshot.SnapshotManifest.FileEntry;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot on its way from one real database to another. */
class SnapshotOnRocksDbTest {
    private static final RocksDbOptions OPTIONS = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));

    @TempDir
    Path home;

    private final Disk disk = new RealDisk(new DiskMonitor());

    private final class Member implements AutoCloseable {
        final SnapshotStore snapshots;
        final LiveStore live;
        KvStateMachine machine;

        Member(String name) {
            Path folder = home.resolve(name);
            disk.createDirectories(folder.resolve("db"));
            disk.createDirectories(folder.resolve("snapshots"));
            snapshots = new SnapshotStore(disk, folder.resolve("snapshots"), 5);
            live = new LiveStore(disk, folder.resolve("db"));
            machine = open();
        }

        KvStateMachine open() {
            return KvStateMachine.open(RocksDbEngine.open(live.current(), OPTIONS), Log.THREE);
        }

        void install(Snapshot snapshot) {
            machine.close();
            SnapshotCrashTest.install(live, snapshot);
            machine = open();
            live.deleteOthers();
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    @Test
    @DisplayName("D14 a state that does not open lets go of its database, which can be closed and opened again at once")
    void whatDoesNotOpenIsLetGoOf() {
        Path folder = home.resolve("damaged");
        try (KvStateMachine whole = KvStateMachine.open(RocksDbEngine.open(folder, OPTIONS), Log.THREE)) {
            whole.flush();
        }
        KvEngine engine = RocksDbEngine.open(folder, OPTIONS);
        try (AtomicWrite write = engine.newWrite()) {
            write.delete(Space.META, MetaKeys.membership());
            engine.write(write);
        }
        assertThatThrownBy(() -> KvStateMachine.open(engine, Log.THREE))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining("its membership is missing");
        engine.close();
        RocksDbEngine.open(folder, OPTIONS).close();
    }

    @Test
    @DisplayName(
            "D4 a write of the database that fails ends the state machine; after the restart replay brings all of it back")
    void aFailedWriteOfTheDatabaseLosesNothing() throws IOException {
        Path folder = home.resolve("failing");
        Path away = home.resolve("away");
        Log log = new Log();
        Digest whole;
        try (KvStateMachine machine = KvStateMachine.open(RocksDbEngine.open(folder, OPTIONS), Log.THREE)) {
            for (int i = 0; i < 50; i++) {
                log.apply(machine, Log.put("k" + i, "v"));
            }
            machine.flush();
            log.apply(machine, Log.put("later", "v"));
            whole = machine.digest();
            Files.move(folder, away);
            assertThatThrownBy(machine::flush)
                    .isInstanceOf(EngineException.class)
                    .isNotInstanceOf(EngineFullException.class)
                    .hasMessageContaining(folder.toString());
            assertThatThrownBy(() -> machine.apply(log.after(51)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("must not go on");
        }
        if (Files.exists(folder)) {
            disk.deleteTree(folder);
        }
        Files.move(away, folder);
        try (KvStateMachine restarted = KvStateMachine.open(RocksDbEngine.open(folder, OPTIONS), Log.THREE)) {
            assertThat(restarted.applied()).isEqualTo(new EntryId(1, 50));
            restarted.apply(log.after(50));
            assertThat(restarted.digest()).isEqualTo(whole);
        }
    }

    @Test
    @DisplayName("D9 a member takes over a snapshot, goes on from it, and the next one sends only what is new")
    void snapshotTravels() {
        Log log = new Log();
        try (Member leader = new Member("leader");
                Member follower = new Member("follower")) {
            for (int i = 0; i < 300; i++) {
                log.apply(leader.machine, Log.put("k" + i % 40, "value " + i));
            }
            Digest atFirst = leader.machine.digest();
            try (Snapshot first = leader.snapshots.create(leader.machine)) {
                log.apply(leader.machine, Log.put("later", "than the snapshot"));
                try (Snapshot received = SnapshotCrashTest.receive(follower.snapshots, first)) {
                    follower.install(received);
                }
            }
            assertThat(follower.machine.digest()).isEqualTo(atFirst);
            assertThat(follower.machine.durable()).isEqualTo(atFirst.applied());
            assertThat(follower.machine.membership()).isEqualTo(Log.THREE);
            follower.machine.apply(log.after(300));
            assertThat(follower.machine.digest()).isEqualTo(leader.machine.digest());

            try (Snapshot second = leader.snapshots.create(leader.machine)) {
                second.verify();
                SnapshotReceiver receiver = follower.snapshots.receive(second.manifest());
                List<FileEntry> held = second.manifest().files().stream()
                        .filter(file -> receiver.received(file.name()) == file.sizeBytes())
                        .toList();
                assertThat(held).allMatch(file -> file.name().endsWith(".sst") || file.sizeBytes() == 0);
                assertThat(held).anyMatch(file -> file.name().endsWith(".sst"));
                try (Snapshot received = SnapshotCrashTest.receive(follower.snapshots, second)) {
                    follower.install(received);
                }
            }
            assertThat(follower.machine.digest()).isEqualTo(leader.machine.digest());
            leader.snapshots.deleteOlderThanNewest(1);
            assertThat(leader.snapshots.all()).hasSize(1);
        }
    }

    @Test
    @DisplayName(
            "D13, D14 after a snapshot was condemned the next one does not hide that the database's own file has rotted")
    void aRottenFileOfTheDatabaseIsNotGivenAFreshChecksum() throws IOException {
        Log log = new Log();
        try (Member member = new Member("one")) {
            for (int i = 0; i < 100; i++) {
                log.apply(member.machine, Log.put("k" + i, "value " + i));
            }
            EntryId last;
            FileEntry sst;
            try (Snapshot taken = member.snapshots.create(member.machine)) {
                last = taken.manifest().last();
                sst = taken.manifest().files().stream()
                        .filter(file -> file.name().endsWith(".sst"))
                        .findFirst()
                        .orElseThrow();
                Path file = taken.path(sst);
                byte[] content = Files.readAllBytes(file);
                content[content.length / 2] ^= 1;
                Files.write(file, content);
            }
            log.apply(member.machine, Log.put("later", "than the snapshot"));
            member.snapshots.condemn(last);
            assertThatThrownBy(() -> member.snapshots.create(member.machine))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            damage -> assertThat(damage.isDamage()).isTrue())
                    .hasMessageContaining(sst.name())
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    @DisplayName("D14, D32 nor does the first snapshot after a restart, which knows no checksum of before")
    void rotBeforeARestartIsNotGivenAFreshChecksum() throws IOException {
        Log log = new Log();
        Path file;
        try (Member member = new Member("one")) {
            for (int i = 0; i < 100; i++) {
                log.apply(member.machine, Log.put("k" + i, "value " + i));
            }
            try (Snapshot taken = member.snapshots.create(member.machine)) {
                file = taken.manifest().files().stream()
                        .filter(each -> each.name().endsWith(".sst"))
                        .map(taken::path)
                        .findFirst()
                        .orElseThrow();
            }
        }
        byte[] content = Files.readAllBytes(file);
        content[content.length / 4] ^= 1;
        Files.write(file, content);
        try (Member again = new Member("one")) {
            log.apply(again.machine, Log.put("later", "than the restart"));
            assertThatThrownBy(() -> again.snapshots.create(again.machine))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            damage -> assertThat(damage.isDamage()).isTrue())
                    .hasMessageContaining(String.valueOf(file.getFileName()))
                    .hasMessageContaining("does not verify");
        }
    }

    @Test
    void livingDatabaseLeavesItsSnapshotAlone() {
        Log log = new Log();
        try (Member member = new Member("one")) {
            for (int i = 0; i < 100; i++) {
                log.apply(member.machine, Log.put("k" + i, "value " + i));
            }
            try (Snapshot taken = member.snapshots.create(member.machine)) {
                member.install(taken);
                for (int i = 0; i < 100; i++) {
                    log.apply(member.machine, Log.put("k" + i, "other " + i));
                }
                member.machine.flush();
                member.machine.close();
                member.machine = member.open();
                assertThat(member.machine.revision()).isEqualTo(201);
            }
            try (Snapshot again = member.snapshots.newest().orElseThrow()) {
                again.verify();
            }
        }
    }
}

package io.axolotl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.config.ServerConfig;
import io.axolotl.server.config.ServerConfigReader;
import io.axolotl.server.config.ServerConfigReader.Request;
import io.axolotl.server.recovery.Origin;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.server.recovery.Recovery;
import io.axolotl.server.recovery.RecoveryFailedException;
import io.axolotl.storage.archive.ArchiveStore;
import io.axolotl.storage.archive.StateArchive;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.FaultyDisk.Outcome;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.HashAnswer;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Log;
import io.axolotl.storage.wal.WalOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A restore that is cut short anywhere leaves nothing that could be started; one that has returned survives a power cut. */
class SnapshotRestoreCrashTest {
    private static final Path SAVE = Path.of("/save");
    private static final Path MEMBERS = Path.of("/data");
    private static final Path SAVED = SAVE.resolve("saved");
    private static final Path DATA = MEMBERS.resolve("n1");
    private static final ServerConfig CONFIG = config("n1=http://a:1,n2=http://b:1");
    private static final ServerConfig ALONE = config("n1=http://a:1");
    private static final WalOptions WAL = new WalOptions(1 << 14, 1 << 12, 1);

    private final int hash;

    /** With the archive on it, durable, and nothing else. */
    private final FaultyDisk blank = new FaultyDisk();

    SnapshotRestoreCrashTest() {
        Path live = Path.of("/old/live");
        blank.createDirectories(live);
        blank.createDirectories(SAVE);
        blank.createDirectories(MEMBERS);
        KvStateMachine old = KvStateMachine.open(MemoryEngine.open(blank, live), Log.THREE);
        Log log = new Log();
        for (int i = 0; i < 40; i++) {
            log.apply(old, Log.put("k" + i % 9, "v" + i));
        }
        hash = hash(old);
        try (StateArchive archive = new ArchiveStore(blank, Path.of("/old/archives"), 1, 2)
                        .make(old)
                        .orElseThrow();
                DiskFile file = blank.create(SAVED)) {
            byte[] content = archive.read(1 << 20);
            file.write(ByteBuffer.wrap(content), 0);
            file.write(ByteBuffer.wrap(archive.checksum()), content.length);
            file.sync();
        }
        blank.syncDirectory(SAVE);
        old.close();
    }

    private static ServerConfig config(String cluster) {
        Request request = new ServerConfigReader("")
                .read(
                        List.of(
                                "--name=n1",
                                "--data-dir=" + DATA,
                                "--initial-cluster=" + cluster,
                                "--initial-advertise-peer-urls=http://a:1"),
                        Map.of());
        return ((Request.Start) request).config();
    }

    private static int hash(KvStateMachine state) {
        return ((HashAnswer.Hashed) state.hash(0)).crc32c();
    }

    private static void restore(FaultyDisk disk) {
        restore(disk, CONFIG);
    }

    private static void restore(FaultyDisk disk, ServerConfig config) {
        new SnapshotRestore(disk, folder -> MemoryEngine.open(disk, folder), WAL)
                .restore(SAVED, config, new SnapshotRestore.Options(0, false, false));
    }

    private static RecoveredState start(FaultyDisk disk, ServerConfig config) {
        return new Recovery(new Recovery.Settings(
                        disk,
                        DATA,
                        new Origin.Founder(Server.place(config), List::of),
                        "n1",
                        List.of("http://a:1"),
                        WAL,
                        folder -> MemoryEngine.open(disk, folder)))
                .recover();
    }

    private void assertRestored(FaultyDisk disk) {
        RecoveredState started = start(disk, CONFIG);
        KvStateMachine state = started.stateMachine();
        assertThat(hash(state)).isEqualTo(hash);
        assertThat(state.applied().index()).isEqualTo(40);
        assertThat(state.membership().voters())
                .extracting(NodeId::value)
                .containsExactlyInAnyOrderElementsOf(CONFIG.initialCluster().members().stream()
                        .map(member -> member.id().value())
                        .toList());
        assertThat(started.wal().previous())
                .as("the log begins behind what was restored, so whoever joins is sent it")
                .isEqualTo(state.applied());
        assertThat(started.record().isLogReset())
                .as("it did so on the disk before this start")
                .isFalse();
        assertThat(started.snapshot().last()).isEqualTo(state.applied());
        started.close(state);
    }

    @ParameterizedTest
    @EnumSource(Outcome.class)
    @DisplayName("D27: the power is cut at every operation of a restore")
    void noCrashLeavesHalfAMember(Outcome outcome) {
        FaultyDisk whole = blank.copy();
        long before = whole.changes();
        restore(whole);
        long changes = whole.changes() - before;
        assertThat(changes).isGreaterThan(30);
        for (long crash = 0; crash < changes; crash++) {
            FaultyDisk disk = blank.copy();
            disk.crashAfter(crash);
            assertThatThrownBy(() -> restore(disk)).isInstanceOf(SimulatedCrash.class);
            disk.crash(outcome, new Random(crash));
            if (!disk.exists(DATA)) {
                restore(disk);
            }
            assertRestored(disk);
        }
        whole.crash(outcome, new Random(7));
        assertRestored(whole);
    }

    /** What becomes of the restored snapshot, the only copy of the data, before the first start. */
    enum Damage {
        A_BIT_OF_THE_STATE {
            @Override
            void strike(FaultyDisk disk, Path snapshot) {
                disk.flipBit(disk.list(snapshot.resolve("db")).get(0), 30, 1);
            }
        },
        A_BIT_OF_THE_MANIFEST {
            @Override
            void strike(FaultyDisk disk, Path snapshot) {
                disk.flipBit(snapshot.resolve("manifest"), 20, 1);
            }
        },
        NO_MANIFEST {
            @Override
            void strike(FaultyDisk disk, Path snapshot) {
                disk.delete(snapshot.resolve("manifest"));
            }
        },
        NO_SNAPSHOT {
            @Override
            void strike(FaultyDisk disk, Path snapshot) {
                disk.deleteTree(snapshot);
            }
        };

        abstract void strike(FaultyDisk disk, Path snapshot);
    }

    private FaultyDisk damaged(Damage damage, ServerConfig config) {
        FaultyDisk disk = blank.copy();
        restore(disk, config);
        damage.strike(
                disk, disk.list(DATA.resolve("member").resolve("snapshots")).get(0));
        return disk;
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    @DisplayName(
            "D13, D29: restored data that is lost before the first start is told on every start of a single member")
    void lostDataIsNeverAnEmptyStore(Damage damage) {
        FaultyDisk disk = damaged(damage, ALONE);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThatThrownBy(() -> start(disk, ALONE))
                    .as("start %d", attempt)
                    .isInstanceOf(RecoveryFailedException.class)
                    .hasMessageContaining("the entries between them are in neither")
                    .hasMessageContaining("40");
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    @DisplayName("D13, D29: with others there is no vote and no campaign before they have made up for it")
    void lostDataIsFetchedFromTheOthers(Damage damage) {
        FaultyDisk disk = damaged(damage, CONFIG);
        for (int attempt = 1; attempt <= 3; attempt++) {
            RecoveredState started = start(disk, CONFIG);
            assertThat(started.embargo()).as("start %d", attempt).isNotNull();
            assertThat(started.record().toText()).contains("no vote before the others have made up for it");
            started.close(started.stateMachine());
        }
    }

    @Test
    @DisplayName("what is there is never overwritten")
    void nothingIsOverwritten() {
        FaultyDisk disk = blank.copy();
        disk.createDirectories(DATA);
        assertThatThrownBy(() -> restore(disk))
                .isInstanceOf(SnapshotRestore.RefusedException.class)
                .hasMessageContaining("data-dir \"/data/n1\" exists");
    }
}

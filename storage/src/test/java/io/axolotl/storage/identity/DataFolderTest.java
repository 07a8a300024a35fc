package io.axolotl.storage.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.HardState;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.FolderLockedException;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.disk.SimulatedCrash;
import io.axolotl.storage.wal.HardStateFile;
import io.axolotl.storage.wal.Wal;
import io.axolotl.storage.wal.WalOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A data folder")
class DataFolderTest {
    private static final Path ROOT = Path.of("/data");
    private static final WalOptions SMALL = new WalOptions(4096, 4096, 1);
    private static final NodeId MEMBER = new NodeId(0xCAFE);
    private static final Identity IDENTITY = Identity.of(0xC1L, MEMBER, StoreId.random(new Random(1)));

    private static final byte[] FOUNDING = {1, 2, 3};

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void isCompleteAfterInitializing() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            assertThat(folder.isInitialized()).isFalse();
            folder.initialize(IDENTITY, FOUNDING, SMALL);
        }
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            assertThat(folder.isInitialized()).isTrue();
            assertThat(folder.readIdentity()).isEqualTo(IDENTITY);
            assertThat(HardStateFile.open(disk, folder.hardState()).state()).isEqualTo(HardState.INITIAL);
            assertThat(Wal.open(disk, folder.wal(), SMALL, EntryId.ZERO).wal().last())
                    .isEqualTo(EntryId.ZERO);
            assertThat(disk.isDirectory(folder.db())).isTrue();
            assertThat(disk.isDirectory(folder.snapshots())).isTrue();
            assertThatThrownBy(() -> folder.initialize(IDENTITY, FOUNDING, SMALL))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("can be initialized again after a crash before any disk operation of the first time")
    void canBeInitializedAfterACrashAnywhere(FaultyDisk.Outcome outcome) {
        boolean isWholeScript = false;
        for (int step = 0; !isWholeScript; step++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk crashing = new FaultyDisk();
                crashing.crashAfter(step);
                try (DataFolder folder = DataFolder.lock(crashing, ROOT)) {
                    folder.initialize(IDENTITY, FOUNDING, SMALL);
                    isWholeScript = true;
                } catch (SimulatedCrash e) {
                    // The point of the test.
                }
                crashing.crash(outcome, new Random(seed));
                try (DataFolder folder = DataFolder.lock(crashing, ROOT)) {
                    if (!folder.isInitialized()) {
                        folder.initialize(IDENTITY, FOUNDING, SMALL);
                    }
                    assertThat(folder.readIdentity()).as("step %s", step).isEqualTo(IDENTITY);
                    HardStateFile.open(crashing, folder.hardState());
                    Wal.open(crashing, folder.wal(), SMALL, EntryId.ZERO);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName(
            "P4: can be initialized again after a second crash, before any operation that replaces what the first left")
    void canBeInitializedAfterASecondCrashAnywhere(FaultyDisk.Outcome outcome) {
        FaultyDisk cutShort = new FaultyDisk();
        cutShort.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.CREATE && path.toString().contains("founding")) {
                throw new SimulatedCrash();
            }
        });
        try (DataFolder folder = DataFolder.lock(cutShort, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
        } catch (SimulatedCrash e) {
            cutShort.crash(FaultyDisk.Outcome.LOST, new Random(1));
        }
        assertThat(cutShort.exists(ROOT.resolve("member").resolve("wal"))).isTrue();
        boolean isWholeScript = false;
        for (int step = 0; !isWholeScript; step++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk crashing = cutShort.copy();
                crashing.crashAfter(step);
                try (DataFolder folder = DataFolder.lock(crashing, ROOT)) {
                    folder.initialize(IDENTITY, FOUNDING, SMALL);
                    isWholeScript = true;
                } catch (SimulatedCrash e) {
                    crashing.crash(outcome, new Random(seed));
                }
                if (!isWholeScript) {
                    try (DataFolder folder = DataFolder.lock(crashing, ROOT)) {
                        if (!folder.isInitialized()) {
                            folder.initialize(IDENTITY, FOUNDING, SMALL);
                        }
                        assertThat(folder.readIdentity()).isEqualTo(IDENTITY);
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("is refused to a second owner, P17")
    void isRefusedToASecondOwner() {
        DataFolder first = DataFolder.lock(disk, ROOT);
        assertThatThrownBy(() -> DataFolder.lock(disk, ROOT))
                .isInstanceOf(FolderLockedException.class)
                .hasMessageContaining(ROOT.toString())
                .hasMessageContaining("Stop that server first");
        first.close();
        DataFolder.lock(disk, ROOT).close();
    }

    @Test
    @DisplayName("of another cluster or member is refused by name")
    void ofAnotherOwnerIsRefused() {
        IDENTITY.requireOwner(ROOT, 0xC1L, MEMBER);
        assertThatThrownBy(() -> IDENTITY.requireOwner(ROOT, 0xC2L, MEMBER))
                .isInstanceOf(ForeignFolderException.class)
                .hasMessageContaining("belongs to cluster c1, not to cluster c2")
                .hasMessageContaining("--data-dir");
        assertThatThrownBy(() -> IDENTITY.requireOwner(ROOT, 0xC1L, new NodeId(0xBEEF)))
                .isInstanceOf(ForeignFolderException.class)
                .hasMessageContaining("belongs to member cafe")
                .hasMessageContaining("beef");
    }

    @Test
    @DisplayName("that lost its log or its term and vote is refused, D15 and D17")
    void thatLostAPartIsRefused() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
            for (Path part : List.of(folder.wal(), folder.hardState(), folder.starts(), folder.founding())) {
                FaultyDisk damaged = disk.copy();
                damaged.deleteTree(part);
                try (DataFolder copy = DataFolder.lock(damaged, ROOT)) {
                    assertThatThrownBy(copy::readIdentity)
                            .isInstanceOf(ForeignFolderException.class)
                            .hasMessageContaining("has lost " + part);
                }
            }
        }
    }

    @Test
    @DisplayName("that lost or damaged its memory of the peers is refused and can be mended with another member's, D19")
    void withoutItsMemoryOfThePeersIsRefused() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
            KnownStores.Known store = new KnownStores.Known(StoreId.random(new Random(3)), 4, 5, 6);
            KnownStores.open(disk, folder.peers()).remember(new NodeId(0xBEEF), store);
            byte[] intact = disk.content(folder.peers());
            for (int bit = 0; bit < 8 * intact.length; bit++) {
                disk.flipBit(folder.peers(), bit / 8, bit % 8);
                assertThatThrownBy(() -> KnownStores.open(disk, folder.peers()))
                        .as("bit %s", bit)
                        .isInstanceOf(ForeignFolderException.class)
                        .hasMessageContaining("peers")
                        .hasMessageContaining("Put back an intact copy");
                disk.flipBit(folder.peers(), bit / 8, bit % 8);
            }
            disk.delete(folder.peers());
            assertThatThrownBy(folder::readIdentity)
                    .isInstanceOf(ForeignFolderException.class)
                    .hasMessageContaining("has lost " + folder.peers());
            disk.replace(folder.peers(), intact);
            assertThat(folder.readIdentity()).isEqualTo(IDENTITY);
            assertThat(KnownStores.open(disk, folder.peers()).of(new NodeId(0xBEEF)))
                    .contains(store);
        }
    }

    @Test
    @DisplayName("of peers of a newer format is refused by name")
    void peersOfANewerFormatAreRefused() {
        KnownStores.create(disk, Path.of("/peers"));
        ByteBuffer bytes = ByteBuffer.wrap(disk.content(Path.of("/peers")));
        bytes.putInt(8, 5);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.limit() - 4);
        bytes.putInt(bytes.limit() - 4, (int) crc.getValue());
        disk.overwrite(Path.of("/peers"), 0, bytes.array());
        assertThatThrownBy(() -> KnownStores.open(disk, Path.of("/peers")))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format version 5");
    }

    @Test
    @DisplayName("A16: of peers one of which has no id is damaged")
    void peersWithoutAnIdAreDamage() {
        KnownStores.create(disk, Path.of("/peers"));
        KnownStores.open(disk, Path.of("/peers"))
                .remember(new NodeId(0xBEEF), new KnownStores.Known(new StoreId(1, 2), 1, 1, 0));
        ByteBuffer bytes = ByteBuffer.wrap(disk.content(Path.of("/peers")));
        assertThat(bytes.getLong(16)).isEqualTo(0xBEEF);
        bytes.putLong(16, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, bytes.limit() - 4);
        bytes.putInt(bytes.limit() - 4, (int) crc.getValue());
        disk.overwrite(Path.of("/peers"), 0, bytes.array());
        assertThatThrownBy(() -> KnownStores.open(disk, Path.of("/peers")))
                .isInstanceOf(ForeignFolderException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    @DisplayName("of which a sync failed remembers for good whom it shows at the next start, pitfall 54 and D19")
    void whatIsShownOfThePeersIsMadeDurable() {
        Path path = Path.of("/peers");
        KnownStores.create(disk, path);
        KnownStores opened = KnownStores.open(disk, path);
        KnownStores.Known store = new KnownStores.Known(new StoreId(1, 2), 1, 7, 0);
        disk.failSyncs(Path.of("/")::equals);
        assertThatThrownBy(() -> opened.remember(new NodeId(2), store)).isInstanceOf(DiskException.class);
        disk.kill();
        boolean isShown = KnownStores.open(disk, path).of(new NodeId(2)).isPresent();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(KnownStores.open(disk, path).of(new NodeId(2)).isPresent()).isEqualTo(isShown);
        assertThat(isShown).isTrue();
    }

    @Test
    @DisplayName(
            "pitfall 6: stays, root and all, though the first start was killed before any disk operation, once the second one is done")
    void isDurableAfterAStartThatWasKilledAnywhere() {
        boolean isWholeScript = false;
        for (int step = 0; !isWholeScript; step++) {
            FaultyDisk killed = new FaultyDisk();
            killed.crashAfter(step);
            try (DataFolder folder = DataFolder.lock(killed, ROOT)) {
                folder.initialize(IDENTITY, FOUNDING, SMALL);
                isWholeScript = true;
            } catch (SimulatedCrash e) {
                // The point of the test.
            }
            killed.kill();
            start(killed);
            killed.crash(FaultyDisk.Outcome.LOST, new Random(1));
            assertThat(killed.exists(ROOT.resolve("member").resolve("identity")))
                    .as("step %s", step)
                    .isTrue();
            start(killed);
        }
    }

    private static void start(FaultyDisk disk) {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            if (!folder.isInitialized()) {
                folder.initialize(IDENTITY, FOUNDING, SMALL);
            }
            assertThat(folder.readIdentity()).isEqualTo(IDENTITY);
            long unused = StartCount.next(disk, folder.starts());
        }
    }

    @Test
    @DisplayName("that was let go of takes down nobody any more")
    void closedStoresAreLeftAlone() {
        KnownStores.create(disk, Path.of("/peers"));
        KnownStores stores = KnownStores.open(disk, Path.of("/peers"));
        stores.close();
        assertThatThrownBy(() -> stores.remember(MEMBER, new KnownStores.Known(new StoreId(1, 2), 1, 1, 0)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("counts its starts, and with any flipped bit in the count is refused, pitfall 4")
    void countsItsStarts() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
            assertThat(StartCount.next(disk, folder.starts())).isEqualTo(1);
            disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
            assertThat(StartCount.next(disk, folder.starts())).isEqualTo(2);
            for (int bit = 0; bit < 8 * disk.content(folder.starts()).length; bit++) {
                disk.flipBit(folder.starts(), bit / 8, bit % 8);
                assertThatThrownBy(() -> StartCount.next(disk, folder.starts()))
                        .as("bit %s", bit)
                        .isInstanceOf(ForeignFolderException.class)
                        .hasMessageContaining("old copy");
                disk.flipBit(folder.starts(), bit / 8, bit % 8);
            }
            assertThat(StartCount.next(disk, folder.starts())).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("that lost its identity is not taken for a new one, pitfall 4")
    void thatLostItsIdentityIsRefused() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
            disk.delete(folder.identity());
            FaultyDisk voted = disk.copy();
            HardStateFile.open(voted, folder.hardState()).write(new HardState(1, MEMBER, 0));
            assertRefusesToInitialize(voted);
            FaultyDisk appended = disk.copy();
            Wal wal = Wal.open(appended, folder.wal(), SMALL, EntryId.ZERO).wal();
            wal.append(List.of(Entry.noOp(new EntryId(1, 1))));
            wal.sync();
            assertRefusesToInitialize(appended);
        }
    }

    @Test
    @DisplayName("with any flipped bit in its identity is refused, D11")
    void withADamagedIdentityIsRefused() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(IDENTITY, FOUNDING, SMALL);
            int length = disk.content(folder.identity()).length;
            for (int bit = 0; bit < 8 * length; bit++) {
                disk.flipBit(folder.identity(), bit / 8, bit % 8);
                assertThatThrownBy(folder::readIdentity)
                        .as("bit %s", bit)
                        .isInstanceOf(ForeignFolderException.class)
                        .hasMessageContaining("damaged");
                disk.flipBit(folder.identity(), bit / 8, bit % 8);
            }
            assertThat(folder.readIdentity()).isEqualTo(IDENTITY);
        }
    }

    @Test
    @DisplayName("of a newer format is refused by name")
    void ofANewerFormatIsRefused() {
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            folder.initialize(new Identity(0xC1L, MEMBER, new StoreId(1, 2), false, 3), FOUNDING, SMALL);
            assertThatThrownBy(folder::readIdentity)
                    .isInstanceOf(NewerFormatException.class)
                    .hasMessageContaining("format version 3");
            ByteBuffer bytes = ByteBuffer.wrap(disk.content(folder.identity()));
            bytes.putInt(8, 5);
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 0, 52);
            bytes.putInt(52, (int) crc.getValue());
            disk.overwrite(folder.identity(), 0, bytes.array());
            assertThatThrownBy(folder::readIdentity)
                    .isInstanceOf(NewerFormatException.class)
                    .hasMessageContaining("format version 5");
        }
    }

    @Test
    void storeIdsAreThirtyTwoHexDigits() {
        assertThat(new StoreId(0xABL, 1)).hasToString("00000000000000ab0000000000000001");
        assertThat(StoreId.parse("00000000000000ab0000000000000001")).isEqualTo(new StoreId(0xABL, 1));
        assertThat(StoreId.parse(new StoreId(-1, -2).toString())).isEqualTo(new StoreId(-1, -2));
        assertThat(StoreId.parse("00000000000000AB0000000000000001")).isNull();
        assertThat(StoreId.random(new Random(1))).isNotEqualTo(StoreId.random(new Random(2)));
    }

    private static void assertRefusesToInitialize(FaultyDisk disk) {
        disk.kill();
        try (DataFolder folder = DataFolder.lock(disk, ROOT)) {
            assertThatThrownBy(() -> folder.initialize(IDENTITY, FOUNDING, SMALL))
                    .isInstanceOf(ForeignFolderException.class)
                    .hasMessageContaining("identity file");
        }
    }
}

package io.axolotl.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.HardState;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.NewerFormatException;
import io.axolotl.storage.disk.SimulatedCrash;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Term and vote")
class HardStateFileTest {
    private static final Path PATH = Path.of("/hardstate");
    private static final int SECTOR_BYTES = 512;
    private static final NodeId ALICE = new NodeId(0xA11CE);
    private static final NodeId BOB = new NodeId(0xB0BL);

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void areInitialInANewFile() {
        HardStateFile.create(disk, PATH);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(disk).state()).isEqualTo(HardState.INITIAL);
    }

    @Test
    @DisplayName("survive a power cut once write has returned, pitfall 1")
    void surviveAPowerCut() {
        HardStateFile file = create();
        file.write(new HardState(3, ALICE, 17));
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(disk).state()).isEqualTo(new HardState(3, ALICE, 17));
    }

    @Test
    @DisplayName("never fall back, and a vote never changes within its term, pitfall 2")
    void neverFallBack() {
        HardStateFile file = create();
        file.write(new HardState(3, null, 0));
        file.write(new HardState(3, ALICE, 0));
        assertThatThrownBy(() -> file.write(new HardState(2, ALICE, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> file.write(new HardState(3, BOB, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> file.write(new HardState(3, null, 0))).isInstanceOf(IllegalArgumentException.class);
        file.write(new HardState(4, BOB, 9));
        assertThat(file.state()).isEqualTo(new HardState(4, BOB, 9));
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("are the old or the new ones after a crash before any disk operation")
    void areOldOrNewAfterACrashAnywhere(FaultyDisk.Outcome outcome) {
        List<HardState> states = List.of(
                HardState.INITIAL, new HardState(1, ALICE, 0), new HardState(2, null, 5), new HardState(2, BOB, 6));
        boolean isWholeScript = false;
        for (int step = 0; !isWholeScript; step++) {
            for (int seed = 0; seed < 10; seed++) {
                FaultyDisk crashing = new FaultyDisk();
                HardStateFile.create(crashing, PATH);
                crashing.crashAfter(step);
                int written = 0;
                try {
                    HardStateFile file = open(crashing);
                    for (written = 0; written + 1 < states.size(); written++) {
                        file.write(states.get(written + 1));
                    }
                    isWholeScript = true;
                } catch (SimulatedCrash e) {
                    // The point of the test.
                }
                crashing.crash(outcome, new Random(seed));
                int next = Math.min(written + 1, states.size() - 1);
                HardState recovered = open(crashing).state();
                assertThat(recovered).as("step %s", step).isIn(states.get(written), states.get(next));
                crashing.crash(outcome, new Random(seed));
                assertThat(open(crashing).state()).as("after a second crash").isEqualTo(recovered);
            }
        }
    }

    @Test
    @DisplayName("are not changed by the flip of any one bit, D15")
    void areNotChangedByAnyFlippedBit() {
        HardState state = writeTwo();
        int length = disk.content(PATH).length;
        for (int offset = 0; offset < length; offset++) {
            for (int bit = 0; bit < 8; bit++) {
                disk.flipBit(PATH, offset, bit);
                FaultyDisk damaged = disk.copy();
                assertThat(open(damaged).state())
                        .as("bit %s of byte %s", bit, offset)
                        .isEqualTo(state);
                disk.flipBit(PATH, offset, bit);
            }
        }
    }

    @Test
    @DisplayName("are not changed by zeros, garbage or stale bytes in any one slot, D15 and D18")
    void areNotChangedByDamageToAnySlot() {
        HardStateFile file = create();
        file.write(new HardState(7, ALICE, 1));
        byte[] stale = disk.content(PATH);
        file.write(new HardState(8, BOB, 2));
        byte[] garbage = new byte[stale.length];
        new Random(5).nextBytes(garbage);
        for (int blockBytes : new int[] {SECTOR_BYTES, 4096}) {
            for (int offset = 0; offset < stale.length; offset += blockBytes) {
                for (byte[] other : new byte[][] {stale, garbage, new byte[stale.length]}) {
                    FaultyDisk damaged = disk.copy();
                    damaged.overwrite(PATH, offset, Arrays.copyOfRange(other, offset, offset + blockBytes));
                    assertThat(open(damaged).state())
                            .as("%s bytes at %s", blockBytes, offset)
                            .isEqualTo(new HardState(8, BOB, 2));
                    assertThat(open(damaged).state()).isEqualTo(new HardState(8, BOB, 2));
                    byte[] mended = damaged.content(PATH);
                    assertThat(Arrays.copyOfRange(mended, 0, 64))
                            .as("the first slot is mended")
                            .isEqualTo(Arrays.copyOfRange(disk.content(PATH), 0, 64));
                    assertThat(Arrays.copyOfRange(mended, 4096, 4160))
                            .as("the second slot is mended")
                            .isEqualTo(Arrays.copyOfRange(disk.content(PATH), 4096, 4160));
                }
            }
        }
    }

    @Test
    @DisplayName("are refused when both slots are damaged, or the file is missing, pitfall 5")
    void areRefusedWhenLost() {
        writeTwo();
        disk.flipBit(PATH, 20, 1);
        disk.flipBit(PATH, 4096 + 30, 1);
        long changes = disk.changes();
        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(HardStateLostException.class)
                .hasMessageContaining(PATH.toString())
                .hasMessageContaining("vote twice");
        assertThat(disk.changes()).isEqualTo(changes);
        disk.delete(PATH);
        assertThatThrownBy(() -> open(disk)).isInstanceOf(HardStateLostException.class);
    }

    @Test
    @DisplayName("take no more writes after a failed sync, pitfall 54")
    void takeNoMoreWritesAfterAFailedSync() {
        HardStateFile file = create();
        disk.failSyncs(PATH::equals);
        assertThatThrownBy(() -> file.write(new HardState(1, ALICE, 0))).isInstanceOf(DiskException.class);
        disk.failSyncs(path -> false);
        assertThatThrownBy(() -> file.write(new HardState(2, ALICE, 0))).isInstanceOf(WalFailedException.class);
        // The new process sees the vote in the memory of the system; it must not lose it any more.
        disk.kill();
        HardState seen = open(disk).state();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(disk).state()).isEqualTo(seen);
    }

    @Test
    @DisplayName("take no more writes after a failed write, and are whole after the restart, D4")
    void takeNoMoreWritesAfterAFailedWrite() {
        for (int failing = 1; failing <= 2; failing++) {
            FaultyDisk own = new FaultyDisk();
            HardStateFile.create(own, PATH);
            HardStateFile file = open(own);
            HardState before = new HardState(3, ALICE, 17);
            file.write(before);
            AtomicInteger left = new AtomicInteger(failing);
            own.failWrites(path -> left.decrementAndGet() == 0);
            HardState asked = new HardState(4, BOB, 18);
            assertThatThrownBy(() -> file.write(asked))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("write")
                    .hasMessageContaining(PATH.toString());
            assertThatThrownBy(() -> file.write(new HardState(5, null, 18)))
                    .isInstanceOf(WalFailedException.class)
                    .hasMessageContaining("restart the process to recover");
            own.kill();
            HardState seen = open(own).state();
            assertThat(seen).isEqualTo(failing == 1 ? before : asked);
            own.crash(FaultyDisk.Outcome.LOST, new Random(1));
            assertThat(open(own).state()).isEqualTo(seen);
        }
    }

    @Test
    @DisplayName("of a newer format are refused by name")
    void ofANewerFormatAreRefused() {
        create();
        for (int slot = 0; slot < 2; slot++) {
            ByteBuffer bytes = ByteBuffer.wrap(Arrays.copyOfRange(disk.content(PATH), 4096 * slot, 4096 * slot + 64));
            bytes.putInt(8, 9);
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 0, 60);
            bytes.putInt(60, (int) crc.getValue());
            disk.overwrite(PATH, 4096L * slot, bytes.array());
        }
        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format version 9");
    }

    private HardState writeTwo() {
        HardStateFile file = create();
        file.write(new HardState(7, ALICE, 1));
        file.write(new HardState(8, BOB, 2));
        return file.state();
    }

    private HardStateFile create() {
        HardStateFile.create(disk, PATH);
        return open(disk);
    }

    private static HardStateFile open(FaultyDisk disk) {
        return HardStateFile.open(disk, PATH);
    }
}

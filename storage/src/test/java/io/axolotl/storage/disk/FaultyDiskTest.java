package io.axolotl.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The faulty disk")
class FaultyDiskTest extends DiskContract {
    private static final int SECTORS = 8;
    private static final Path FILE = Path.of("/file");

    private final FaultyDisk disk = new FaultyDisk();

    @Override
    Disk disk() {
        return disk;
    }

    @Override
    Path root() {
        return Path.of("/");
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    void keepsWhatWasSynced(FaultyDisk.Outcome outcome) {
        disk.replace(FILE, bytes("synced").array());
        disk.crash(outcome, new Random(1));
        assertThat(read(FILE)).isEqualTo("synced");
    }

    @Test
    void losesWhatWasNotSynced() {
        disk.replace(FILE, bytes("synced").array());
        disk.open(FILE).write(bytes("SYN"), 0);
        assertThat(read(FILE)).isEqualTo("SYNced");
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(read(FILE)).isEqualTo("synced");
    }

    @Test
    void losesANameWhoseDirectoryWasNotSynced() {
        write(FILE, "synced, but under no durable name");
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.exists(FILE)).isFalse();
    }

    @Test
    void undoesARenameAndADeletionThatWereNotSynced() {
        Path other = Path.of("/other");
        disk.replace(FILE, bytes("1").array());
        disk.replace(other, bytes("2").array());
        disk.rename(FILE, other);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(read(FILE)).isEqualTo("1");
        assertThat(read(other)).isEqualTo("2");
        disk.delete(FILE);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.exists(FILE)).isTrue();
        disk.delete(FILE);
        disk.syncDirectory(root());
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.exists(FILE)).isFalse();
    }

    @Test
    void losesEverythingBelowADirectoryWhoseNameIsLost() {
        Path directory = Path.of("/directory");
        disk.createDirectory(directory);
        write(directory.resolve("file"), "x");
        disk.syncDirectory(directory);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.exists(directory.resolve("file"))).isFalse();
        assertThat(disk.list(root())).isEmpty();
    }

    @Test
    void tearsAWriteBetweenSectorsOnly() {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 300; seed++) {
            String sectors = afterCrash(FaultyDisk.Outcome.TORN, seed);
            assertThat(sectors).as("seed %s", seed).matches("N*O*");
            seen.add(sectors);
        }
        assertThat(seen).as("every tear is possible").hasSizeGreaterThan(4);
    }

    @Test
    void reordersTheSectorsOfAWrite() {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 300; seed++) {
            seen.add(afterCrash(FaultyDisk.Outcome.REORDERED, seed));
        }
        assertThat(seen).hasSizeGreaterThan(100).anyMatch(sectors -> sectors.contains("ON"));
    }

    @Test
    void doesTheSameForTheSameSeed() {
        for (int seed = 0; seed < 20; seed++) {
            assertThat(afterCrash(FaultyDisk.Outcome.REORDERED, seed))
                    .isEqualTo(afterCrash(FaultyDisk.Outcome.REORDERED, seed));
        }
    }

    @Test
    void keepsUnsyncedBytesWhenOnlyTheProcessIsKilled() {
        disk.replace(FILE, bytes("synced").array());
        DiskFile file = disk.open(FILE);
        file.write(bytes("SYN"), 0);
        FolderLock lock = disk.lock(root());
        disk.kill();
        assertThat(read(FILE)).isEqualTo("SYNced");
        assertThatThrownBy(file::sync).isInstanceOf(SimulatedCrash.class);
        disk.lock(root());
        lock.close();
        assertThatThrownBy(() -> disk.lock(root()))
                .as("a lock of the earlier life frees nothing")
                .isInstanceOf(FolderLockedException.class);
    }

    @Test
    @DisplayName("shows but never writes what a failed sync was to write, pitfall 54")
    void dropsWhatAFailedSyncWasToWrite() {
        disk.replace(FILE, bytes("synced").array());
        DiskFile file = disk.open(FILE);
        file.write(bytes("SYN"), 0);
        disk.failSyncs(FILE::equals);
        assertThatThrownBy(file::sync).isInstanceOf(DiskException.class);
        disk.failSyncs(path -> false);
        file.write(bytes("D"), 5);
        file.sync();
        assertThat(read(FILE)).isEqualTo("SYNceD");
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(read(FILE)).isEqualTo("synceD");
    }

    @Test
    void keepsWhatWasWrittenBackUnasked() {
        disk.replace(FILE, bytes("synced").array());
        disk.open(FILE).write(bytes("SYN"), 0);
        disk.writeBack(FILE);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(read(FILE)).isEqualTo("SYNced");
    }

    @Test
    @DisplayName(
            "shows a name that a failed sync was to write and loses it, but keeps the next one once that is synced (seed 50000013)")
    void keepsANameThatWasGivenAfterAFailedSync() {
        Path shown = Path.of("/shown");
        Path next = Path.of("/next");
        disk.replace(FILE, bytes("x").array());
        disk.rename(FILE, shown);
        disk.failSyncs(root()::equals);
        assertThatThrownBy(() -> disk.syncDirectory(root())).isInstanceOf(DiskException.class);
        disk.kill();
        disk.syncDirectory(root());
        disk.rename(shown, next);
        disk.syncDirectory(root());
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.list(root())).containsExactly(next);
    }

    @Test
    @DisplayName("fails writes, and keeps a part of each, D4")
    void failsWrites() {
        disk.replace(FILE, bytes("whole").array());
        DiskFile file = disk.open(FILE);
        disk.failWrites(FILE::equals);
        assertThatThrownBy(() -> file.write(bytes("WHOLE"), 0))
                .isInstanceOf(DiskException.class)
                .isNotInstanceOf(DiskFullException.class)
                .hasMessageContaining("write");
        assertThat(read(FILE)).isEqualTo("WHole");
        disk.failWrites(path -> false);
        file.write(bytes("WHOLE"), 0);
        assertThat(read(FILE)).isEqualTo("WHOLE");
    }

    @Test
    void fillsUp() {
        disk.replace(FILE, new byte[1000]);
        disk.limitBytes(1500);
        assertThat(disk.usableBytes(FILE)).isEqualTo(500);
        DiskFile file = disk.open(FILE);
        file.write(ByteBuffer.wrap(new byte[1000]), 0);
        assertThatThrownBy(() -> file.write(ByteBuffer.wrap(new byte[1000]), 1000))
                .isInstanceOf(DiskFullException.class);
        assertThat(disk.usableBytes(FILE)).as("a part was written").isZero();
        disk.limitBytes(3000);
        file.write(ByteBuffer.wrap(new byte[1000]), 1000);
        assertThat(file.size()).isEqualTo(2000);
    }

    @Test
    void crashesBeforeTheChangeThatWasAskedFor() {
        disk.replace(FILE, bytes("old").array());
        disk.crashAfter(1);
        DiskFile file = disk.open(FILE);
        file.write(bytes("new"), 0);
        assertThatThrownBy(file::sync).isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(() -> disk.exists(FILE)).as("the machine is down").isInstanceOf(SimulatedCrash.class);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(read(FILE)).isEqualTo("old");
    }

    @Test
    void damagesAndHidesBytes() {
        disk.replace(FILE, new byte[] {0, 0, 0, 0});
        disk.flipBit(FILE, 1, 3);
        disk.overwrite(FILE, 2, new byte[] {7, 7});
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(disk.content(FILE)).containsExactly(0, 8, 7, 7);
        disk.failReads(FILE, 1, 2);
        DiskFile file = disk.open(FILE);
        assertThat(file.read(ByteBuffer.allocate(1), 0)).isEqualTo(1);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(2), 0)).isInstanceOf(DiskException.class);
    }

    @Test
    void copiesAreIndependent() {
        disk.replace(FILE, bytes("x").array());
        FaultyDisk copy = disk.copy();
        copy.overwrite(FILE, 0, bytes("y").array());
        copy.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(copy.content(FILE)).containsExactly('y');
        assertThat(read(FILE)).isEqualTo("x");
    }

    /**
     * Writes over old sectors and cuts the power.
     *
     * @return for each sector O(ld) or N(ew)
     */
    private static String afterCrash(FaultyDisk.Outcome outcome, int seed) {
        FaultyDisk disk = new FaultyDisk();
        byte[] content = new byte[SECTORS * 512];
        Arrays.fill(content, (byte) 'O');
        disk.replace(FILE, content);
        Arrays.fill(content, (byte) 'N');
        disk.open(FILE).write(ByteBuffer.wrap(content), 0);
        disk.crash(outcome, new Random(seed));
        StringBuilder sectors = new StringBuilder();
        for (int sector = 0; sector < SECTORS; sector++) {
            byte[] bytes = Arrays.copyOfRange(disk.content(FILE), 512 * sector, 512 * sector + 512);
            byte[] whole = new byte[512];
            Arrays.fill(whole, bytes[0]);
            assertThat(bytes).as("sectors are whole").isEqualTo(whole);
            sectors.append((char) bytes[0]);
        }
        return sectors.toString();
    }
}

package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Damage to what was synced is refused by name, or harms nothing. It never makes the log shorter in silence. */
@DisplayName("Damage to the log")
class WalDamageTest {
    private static final WalOptions SMALL = new WalOptions(4096, 4096, 2);
    private static final Path FOLDER = Path.of("/wal");
    private static final int SECTOR_BYTES = 512;
    private static final int LAST_INDEX = 150;

    /** A log of several segments, one of them recycled, all synced; the process was killed. */
    private FaultyDisk good = new FaultyDisk();

    /** The same disk some batches earlier, for sectors that were never overwritten. */
    private FaultyDisk earlier = good;

    @BeforeEach
    void writeLog() {
        good = new FaultyDisk();
        Wal.create(good, FOLDER, SMALL);
        Wal wal = Wal.open(good, FOLDER, SMALL, EntryId.ZERO).wal();
        // A life before the snapshot leaves its bytes in the spare files.
        append(wal, entries(1, 1, 80));
        wal.reset(new EntryId(2, 10));
        wal.prepareNextSegment();
        append(wal, entries(2, 11, 40));
        for (int first = 51; first <= 140; first += 10) {
            append(wal, entries(3, first, 10));
            if (first == 131) {
                earlier = good.copy();
            }
        }
        append(wal, entries(4, 141, 10));
        good.kill();
        assertThat(open(good.copy()).entries(11, LAST_INDEX + 1, Long.MAX_VALUE))
                .isEqualTo(expected());
    }

    @Test
    @DisplayName("in any one sector (zeroed, garbage, stale, another life's) is refused or harmless, D10 to D12, D18")
    void inAnySectorIsRefusedOrHarmless() {
        int refused = 0;
        for (Path file : segments()) {
            byte[] content = good.content(file);
            for (int sector = 0; sector < content.length; sector += SECTOR_BYTES) {
                byte[] garbage = new byte[SECTOR_BYTES];
                new Random(sector).nextBytes(garbage);
                refused += refusals(file, sector, new byte[SECTOR_BYTES]);
                refused += refusals(file, sector, garbage);
                if (earlier.exists(file)) {
                    refused += refusals(file, sector, sectorOf(earlier.content(file), sector));
                }
                int elsewhere = (sector + 2 * SECTOR_BYTES) % content.length;
                refused += refusals(file, sector, sectorOf(content, elsewhere));
            }
        }
        assertThat(refused).as("the damage did hit the log").isGreaterThan(80);
    }

    @Test
    @DisplayName("of any one bit is refused or harmless, D11 and D12")
    void ofAnyBitIsRefusedOrHarmless() {
        int refused = 0;
        for (Path file : segments()) {
            int length = good.content(file).length;
            for (int offset = 0; offset < length; offset++) {
                good.flipBit(file, offset, offset % 8);
                refused += refusalsOf(good.copy(), file + " bit " + offset % 8 + " of byte " + offset);
                good.flipBit(file, offset, offset % 8);
            }
        }
        assertThat(refused).as("the damage did hit the log").isGreaterThan(5000);
    }

    @Test
    @DisplayName("says which file, byte and entry, and changes nothing on disk, pitfall 55")
    void isNamedAndLeavesTheDiskAlone() {
        Path file = segments().get(1);
        good.flipBit(file, 700, 3);
        long changes = good.changes();
        assertThatThrownBy(() -> open(good))
                .isInstanceOfSatisfying(WalCorruptedException.class, damage -> {
                    assertThat(damage.file()).isEqualTo(file);
                    assertThat(damage.offset()).isBetween(512L, 700L);
                    assertThat(damage.index()).isBetween(11L, (long) LAST_INDEX);
                })
                .hasMessageContaining(file.toString())
                .hasMessageContaining("remove this member from the cluster and add it again");
        assertThat(good.changes()).isEqualTo(changes);
    }

    @Test
    @DisplayName("by loss of any segment file is refused, the newest included, D17")
    void byLossOfAnySegmentIsRefused() {
        List<Path> files = segments();
        assertThat(files).hasSizeGreaterThan(3);
        for (Path file : files) {
            FaultyDisk disk = good.copy();
            disk.delete(file);
            if (isPrepared(file)) {
                assertThat(open(disk).last().index()).isEqualTo(LAST_INDEX);
            } else {
                assertThatThrownBy(() -> open(disk))
                        .as("without %s", file)
                        .satisfiesAnyOf(
                                thrown -> assertThat(thrown).isInstanceOf(WalCorruptedException.class),
                                thrown -> assertThat(thrown).isInstanceOf(WalGapException.class));
            }
        }
    }

    @Test
    @DisplayName("by loss of all files, or of the folder, is refused, D17")
    void byLossOfEverythingIsRefused() {
        FaultyDisk withoutFiles = good.copy();
        withoutFiles.list(FOLDER).forEach(withoutFiles::delete);
        assertThatThrownBy(() -> open(withoutFiles)).isInstanceOf(WalCorruptedException.class);
        FaultyDisk withoutFolder = good.copy();
        withoutFolder.deleteTree(FOLDER);
        assertThatThrownBy(() -> open(withoutFolder)).isInstanceOf(WalCorruptedException.class);
    }

    @Test
    @DisplayName("by a file cut short is refused")
    void byAFileCutShortIsRefused() {
        for (Path file : segments()) {
            if (!isPrepared(file)) {
                for (int size : new int[] {0, 100, 512, 2048, 4095}) {
                    FaultyDisk disk = good.copy();
                    disk.open(file).truncate(size);
                    assertThatThrownBy(() -> open(disk))
                            .as("%s cut to %s bytes", file, size)
                            .isInstanceOf(WalCorruptedException.class);
                }
            }
        }
    }

    @Test
    @DisplayName("that makes bytes unreadable is a disk failure, D4")
    void thatMakesBytesUnreadableIsADiskFailure() {
        good.failReads(segments().get(0), 1024, 1025);
        assertThatThrownBy(() -> open(good)).isInstanceOf(DiskException.class).hasMessageContaining("read");
    }

    @Test
    @DisplayName("that comes while the log is in use is found by the read, D11")
    void whileInUseIsFoundByTheRead() {
        Wal wal = open(good);
        Path file = segments().get(1);
        good.flipBit(file, 700, 3);
        assertThatThrownBy(() -> wal.entries(11, LAST_INDEX + 1, Long.MAX_VALUE))
                .isInstanceOf(WalCorruptedException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    @DisplayName("of any sector of a full segment is found by reading it again, while the log is in use, D11 and O8")
    void ofAFullSegmentIsFoundByReadingItAgain() {
        Path newest = segments().stream()
                .filter(file -> !isPrepared(file))
                .reduce((a, b) -> b)
                .orElseThrow();
        FaultyDisk sound = good.copy();
        long[] read = {0};
        open(sound).verifySealed(bytes -> read[0] += bytes);
        assertThat(read[0]).isGreaterThan(4096);
        int found = 0;
        for (Path file : segments()) {
            if (isPrepared(file) || file.equals(newest)) {
                continue;
            }
            for (int sector = 0; sector < good.content(file).length; sector += SECTOR_BYTES) {
                FaultyDisk disk = good.copy();
                Wal wal = open(disk);
                disk.overwrite(file, sector, new byte[SECTOR_BYTES]);
                try {
                    wal.verifySealed(bytes -> {});
                    assertThat(wal.entries(11, LAST_INDEX + 1, Long.MAX_VALUE)).isEqualTo(expected());
                } catch (WalCorruptedException damage) {
                    assertThat(damage.file()).isEqualTo(file);
                    found++;
                }
            }
        }
        assertThat(found).isGreaterThan(15);
    }

    private int refusals(Path file, int offset, byte[] bytes) {
        FaultyDisk disk = good.copy();
        disk.overwrite(file, offset, bytes);
        return refusalsOf(disk, file + " sector at " + offset + ": " + Arrays.hashCode(bytes));
    }

    /**
     * Opens a damaged log.
     *
     * @return 1 if it is refused, 0 if it is complete
     */
    private int refusalsOf(FaultyDisk disk, String what) {
        Wal wal;
        try {
            wal = open(disk);
        } catch (WalCorruptedException | WalGapException e) {
            return 1;
        }
        assertThat(wal.last()).as(what).isEqualTo(new EntryId(4, LAST_INDEX));
        assertThat(wal.entries(11, LAST_INDEX + 1, Long.MAX_VALUE)).as(what).isEqualTo(expected());
        return 0;
    }

    private static Wal open(FaultyDisk disk) {
        return Wal.open(disk, FOLDER, SMALL, new EntryId(2, 10)).wal();
    }

    private List<Path> segments() {
        return good.list(FOLDER).stream()
                .filter(path -> path.toString().endsWith(".wal"))
                .toList();
    }

    /** Whether the file waits to become a segment: the log does not need it. */
    private boolean isPrepared(Path file) {
        long sequence = Long.parseLong(String.valueOf(file.getFileName()).substring(0, 16), 16);
        return SegmentCandidate.open(good, sequence, file).header() == null;
    }

    private static byte[] sectorOf(byte[] content, int offset) {
        return Arrays.copyOfRange(content, offset, offset + SECTOR_BYTES);
    }

    private static List<Entry> expected() {
        return Entries.concat(Entries.concat(entries(2, 11, 40), entries(3, 51, 90)), entries(4, 141, 10));
    }

    private static void append(Wal wal, List<Entry> entries) {
        wal.append(entries);
        wal.sync();
    }
}

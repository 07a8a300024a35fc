package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static io.axolotl.storage.wal.Entries.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFile;
import io.axolotl.storage.disk.DiskMonitor;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.RealDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The log")
class WalTest {
    private static final WalOptions SMALL = new WalOptions(4096, 1024, 2);
    private static final Path FOLDER = Path.of("/wal");

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void isEmptyWhenNew() {
        Wal wal = newLog();
        assertThat(wal.previous()).isEqualTo(EntryId.ZERO);
        assertThat(wal.last()).isEqualTo(EntryId.ZERO);
        assertThat(wal.term(0)).isZero();
        assertThat(wal.membershipEntries()).isEmpty();
    }

    @Test
    void showsEntriesOnceTheyAreSynced() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 3));
        assertThat(wal.last()).isEqualTo(EntryId.ZERO);
        wal.sync();
        assertThat(wal.last()).isEqualTo(new EntryId(1, 3));
        assertThat(wal.entries(1, 4, Long.MAX_VALUE)).isEqualTo(entries(1, 1, 3));
    }

    @Test
    void isTheSameAfterReopening() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 100));
        wal.sync();
        wal.append(entries(2, 101, 50));
        wal.sync();
        wal.close();
        Wal reopened = reopen(EntryId.ZERO).wal();
        assertThat(reopened.last()).isEqualTo(new EntryId(2, 150));
        assertThat(reopened.entries(1, 101, Long.MAX_VALUE)).isEqualTo(entries(1, 1, 100));
        assertThat(reopened.entries(101, 151, Long.MAX_VALUE)).isEqualTo(entries(2, 101, 50));
        assertThat(reopened.term(100)).isEqualTo(1);
        assertThat(reopened.term(101)).isEqualTo(2);
    }

    @Test
    void worksOnARealDisk(@TempDir Path temporary) {
        RealDisk real = new RealDisk(new DiskMonitor());
        Path folder = temporary.resolve("wal");
        WalOptions options = new WalOptions(64 << 10, 4096, 2);
        Wal.create(real, folder, options);
        try (Wal wal = Wal.open(real, folder, options, EntryId.ZERO).wal()) {
            for (int i = 0; i < 100; i++) {
                wal.append(entries(1, 1 + 20L * i, 20));
                wal.sync();
                wal.prepareNextSegment();
            }
            wal.truncatePrefix(1500);
            assertThat(wal.previous().index()).isBetween(1L, 1500L);
            assertThat(wal.lastSyncNanos()).isPositive();
        }
        WalRecovery recovery = Wal.open(real, folder, options, new EntryId(1, 1500));
        try (Wal wal = recovery.wal()) {
            assertThat(recovery.tornBytes()).isZero();
            assertThat(wal.last()).isEqualTo(new EntryId(1, 2000));
            assertThat(wal.entries(1501, 2001, Long.MAX_VALUE)).isEqualTo(entries(1, 1501, 500));
        }
    }

    @Test
    @DisplayName("I11: a snapshot of one's own may end before one that has emptied the log meanwhile")
    void nothingComesAfterAnIndexBeforeAnEmptyLog() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 100));
        wal.sync();
        wal.reset(new EntryId(2, 500));
        assertThat(wal.bytesAfter(40)).isZero();
        assertThat(wal.bytesAfter(500)).isZero();
    }

    @Test
    @DisplayName(
            "pitfalls 6, 54: what is synced after a start lies under a name that is durable, also if the sync of that name had failed")
    void aSegmentThatWasMadeReadyIsNamedAnew() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 10));
        wal.sync();
        disk.failSyncs(FOLDER::equals);
        assertThatThrownBy(wal::prepareNextSegment).isInstanceOf(DiskException.class);
        disk.kill();

        Wal restarted = reopen(EntryId.ZERO).wal();
        restarted.append(entries(1, 11, 200));
        restarted.sync();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));

        assertThat(reopen(EntryId.ZERO).wal().last()).isEqualTo(new EntryId(1, 210));
    }

    @Test
    @DisplayName("I11: a power cut while segments that were made ready are put in order leaves no hole among them")
    void segmentsBehindTheEndGoOneByOne() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 10));
        wal.sync();
        wal.prepareNextSegment();
        try (DiskFile file = disk.create(FOLDER.resolve("0000000000000003.wal"))) {
            file.write(ByteBuffer.allocate(SMALL.segmentSizeBytes()), 0);
            file.sync();
        }
        disk.syncDirectory(FOLDER);
        disk.kill();
        for (int step = 0; step < 12; step++) {
            for (int seed = 0; seed < 20; seed++) {
                FaultyDisk cut = disk.copy();
                cut.crashAfter(step);
                try {
                    reopenOn(cut);
                } catch (SimulatedCrash e) {
                    // The point of the test.
                }
                cut.crash(FaultyDisk.Outcome.REORDERED, new Random(seed));
                assertThat(reopenOn(cut).last())
                        .as("step %s, seed %s", step, seed)
                        .isEqualTo(new EntryId(1, 10));
            }
        }
    }

    private static Wal reopenOn(FaultyDisk disk) {
        return Wal.open(disk, FOLDER, SMALL, EntryId.ZERO).wal();
    }

    @Test
    @DisplayName(
            "pitfalls 6, 54: so does what goes to a segment that the sync of a deletion had failed to recycle (seed 50000013)")
    void aRecycledSegmentIsNamedAnew() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 200));
        wal.sync();
        disk.failSyncs(FOLDER::equals);
        assertThatThrownBy(() -> wal.truncatePrefix(150)).isInstanceOf(DiskException.class);
        disk.kill();

        EntryId floor = new EntryId(1, 150);
        Wal restarted = reopen(floor).wal();
        restarted.append(entries(1, 201, 400));
        restarted.sync();
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));

        assertThat(reopen(floor).wal().last()).isEqualTo(new EntryId(1, 600));
    }

    @Test
    void tellsAboutHowMuchTheEntriesAfterAnIndexTake() {
        Wal wal = newLog();
        assertThat(wal.bytesAfter(0)).isZero();
        for (int i = 0; i < 50; i++) {
            wal.append(entries(1, 1 + 100L * i, 100));
            wal.sync();
        }
        long all = wal.bytesAfter(0);
        assertThat(all).isBetween(wal.sizeBytes() / 2, wal.sizeBytes());
        long before = all;
        for (long index = 0; index <= 5_000; index++) {
            long after = wal.bytesAfter(index);
            assertThat(after).isLessThanOrEqualTo(before);
            // 64 entries or 16 KiB of them, and a file that was not filled.
            double expected = all * (5_000.0 - index) / 5_000;
            assertThat((double) after).isBetween(expected - (24 << 10), expected + (24 << 10));
            before = after;
        }
        assertThat(wal.bytesAfter(5_000)).isZero();
        assertThat(wal.bytesAfter(9_999)).isZero();
        wal.truncatePrefix(2_500);
        assertThat(wal.bytesAfter(0))
                .isEqualTo(wal.bytesAfter(wal.previous().index()))
                .isLessThan(all);
    }

    @Test
    void cutsTheSuffixThatNewEntriesReplace() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 60));
        wal.sync();
        wal.append(entries(2, 20, 5));
        wal.sync();
        assertThat(wal.last()).isEqualTo(new EntryId(2, 24));
        assertThat(reopen(EntryId.ZERO).wal().last()).isEqualTo(new EntryId(2, 24));
        Wal again = reopen(EntryId.ZERO).wal();
        assertThat(again.entries(15, 25, Long.MAX_VALUE))
                .containsExactlyElementsOf(Entries.concat(entries(1, 15, 5), entries(2, 20, 5)));
    }

    @Test
    void limitsWhatItReadsByBytesButReadsOneEntryAtLeast() {
        Wal wal = newLog();
        wal.append(entries(1, 1, 10));
        wal.sync();
        long three = entries(1, 1, 3).stream().mapToLong(Entry::sizeBytes).sum();
        assertThat(wal.entries(1, 11, 1)).hasSize(1);
        assertThat(wal.entries(1, 11, three)).hasSize(3);
        assertThat(wal.entries(1, 11, three + 1)).hasSize(4);
    }

    @Test
    void refusesGapsAndFallingTerms() {
        Wal wal = newLog();
        wal.append(entries(2, 1, 3));
        assertThatThrownBy(() -> wal.append(entries(2, 5, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.append(entries(1, 4, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wal.append(List.of(entry(2, 4), entry(2, 6))))
                .isInstanceOf(IllegalArgumentException.class);
        wal.append(entries(2, 4, 1));
        wal.sync();
        assertThat(wal.last()).isEqualTo(new EntryId(2, 4));
    }

    @Test
    void takesAnEntryLargerThanASegment() {
        Wal wal = newLog();
        Entry large = new Entry(new EntryId(1, 2), Entry.Kind.COMMAND, new byte[20_000]);
        wal.append(entries(1, 1, 1));
        wal.append(List.of(large));
        wal.append(entries(1, 3, 30));
        wal.sync();
        Wal reopened = reopen(EntryId.ZERO).wal();
        assertThat(reopened.entries(2, 3, 1)).containsExactly(large);
        assertThat(reopened.last()).isEqualTo(new EntryId(1, 32));
    }

    private Wal newLog() {
        Wal.create(disk, FOLDER, SMALL);
        return Wal.open(disk, FOLDER, SMALL, EntryId.ZERO).wal();
    }

    private WalRecovery reopen(EntryId floor) {
        disk.kill();
        return Wal.open(disk, FOLDER, SMALL, floor);
    }
}

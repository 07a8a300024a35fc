package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.DiskException;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What other logs got wrong, by the numbers of the list of pitfalls and faults. */
@DisplayName("The log knows that")
class WalPitfallsTest {
    private static final WalOptions SMALL = new WalOptions(4096, 4096, 2);
    private static final Path FOLDER = Path.of("/wal");

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    @DisplayName("a sync that failed ends it for good, pitfall 54")
    void aFailedSyncPoisons() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        disk.failSyncs(path -> true);
        wal.append(entries(1, 6, 5));
        assertThatThrownBy(wal::sync).isInstanceOf(DiskException.class).hasMessageContaining("sync");
        disk.failSyncs(path -> false);
        assertThatThrownBy(wal::sync).isInstanceOf(WalFailedException.class).hasMessageContaining("restart");
        assertThatThrownBy(() -> wal.append(entries(1, 6, 5))).isInstanceOf(WalFailedException.class);
        assertThatThrownBy(() -> wal.truncatePrefix(1)).isInstanceOf(WalFailedException.class);
        assertThatThrownBy(() -> wal.reset(new EntryId(9, 9))).isInstanceOf(WalFailedException.class);
        assertThat(wal.last()).isEqualTo(new EntryId(1, 5));
        assertThat(wal.entries(1, 6, Long.MAX_VALUE)).isEqualTo(entries(1, 1, 5));
    }

    @Test
    @DisplayName("a write that failed ends it for good, and what was synced before is there after the restart, D4")
    void aFailedWritePoisons() {
        int failures = 0;
        for (int failing = 1; failing <= 8; failing++) {
            FaultyDisk own = new FaultyDisk();
            Wal.create(own, FOLDER, SMALL);
            Wal wal = Wal.open(own, FOLDER, SMALL, EntryId.ZERO).wal();
            append(wal, 1, 1, 5);
            AtomicInteger left = new AtomicInteger(failing);
            own.failWrites(path -> left.decrementAndGet() == 0);
            EntryId synced = new EntryId(1, 5);
            EntryId written = synced;
            try {
                for (int i = 0; i < 3; i++) {
                    written = new EntryId(1, synced.index() + 20);
                    append(wal, 1, (int) synced.index() + 1, 20);
                    synced = written;
                }
            } catch (DiskException e) {
                failures++;
                assertThat(e).hasMessageContaining("write").hasMessageContaining(FOLDER.toString());
                long next = written.index();
                assertThatThrownBy(() -> append(wal, 1, (int) next + 1, 1))
                        .isInstanceOf(WalFailedException.class)
                        .hasMessageContaining("restart the process to recover")
                        .hasMessageContaining("Input/output error");
            }
            own.kill();
            EntryId shown = Wal.open(own, FOLDER, SMALL, EntryId.ZERO).wal().last();
            assertThat(shown)
                    .as("write %s", failing)
                    .isGreaterThanOrEqualTo(synced)
                    .isLessThanOrEqualTo(written);
            own.crash(FaultyDisk.Outcome.LOST, new Random(1));
            Wal restarted = Wal.open(own, FOLDER, SMALL, EntryId.ZERO).wal();
            assertThat(restarted.last()).isEqualTo(shown);
            assertThat(restarted.entries(1, synced.index() + 1, Long.MAX_VALUE))
                    .isEqualTo(entries(1, 1, (int) synced.index()));
        }
        assertThat(failures).as("writes that were made to fail").isGreaterThanOrEqualTo(5);
    }

    @Test
    @DisplayName("after a failed sync the system may show what it will never write, pitfall 54")
    void whatAFailedSyncLeftIsWrittenAgain() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        disk.failSyncs(path -> true);
        wal.append(entries(1, 6, 5));
        assertThatThrownBy(wal::sync).isInstanceOf(DiskException.class);
        // The process restarts, the machine does not: the bytes are still shown, and marked clean.
        disk.kill();
        Wal restarted = open(EntryId.ZERO).wal();
        assertThat(restarted.last()).isEqualTo(new EntryId(1, 10));
        // What was shown may have been answered for, so now it must survive.
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(EntryId.ZERO).wal().last()).isEqualTo(new EntryId(1, 10));
    }

    @Test
    @DisplayName("a torn last batch is cut, pitfall 55")
    void aTornTailIsCut() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        wal.append(entries(1, 6, 30));
        disk.before((operation, path) -> {
            if (operation == FaultyDisk.Operation.SYNC) {
                throw new DiskException(path, "sync", "the test ends here");
            }
        });
        assertThatThrownBy(wal::sync).isInstanceOf(DiskException.class);
        disk.kill();
        // The batch is there but for one sector in its middle, and nobody vouches for it.
        disk.overwrite(segment(1), 1536, new byte[512]);
        WalRecovery recovery = open(EntryId.ZERO);
        assertThat(recovery.wal().last()).isEqualTo(new EntryId(1, 5));
        assertThat(recovery.tornBytes()).isGreaterThan(1024);
    }

    @Test
    @DisplayName("the same hole in a synced batch is damage, pitfall 55")
    void theSameHoleInASyncedBatchIsDamage() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        append(wal, 1, 6, 30);
        disk.kill();
        disk.overwrite(segment(1), 1536, new byte[512]);
        assertThatThrownBy(() -> open(EntryId.ZERO)).isInstanceOf(WalCorruptedException.class);
    }

    @Test
    @DisplayName("bytes of an earlier life of a recycled file do not verify, pitfall 57")
    void recycledBytesDoNotVerify() {
        Wal wal = newLog();
        append(wal, 1, 1, 200);
        wal.truncatePrefix(200);
        List<Path> spares = names(".spare");
        assertThat(spares).hasSize(2);
        wal.prepareNextSegment();
        assertThat(names(".spare")).as("a spare was recycled").hasSize(1);
        long next = 200;
        while (wal.sizeBytes() < 3 * 4096) {
            next++;
            append(wal, 1, next, 1);
        }
        // The second segment in use is a recycled one, written in part; behind it are records with valid checksums of
        // its earlier life.
        disk.kill();
        WalRecovery recovery = open(new EntryId(1, 200));
        assertThat(recovery.wal().last()).isEqualTo(new EntryId(1, next));
        assertThat(recovery.tornBytes()).isZero();
    }

    @Test
    @DisplayName("at most the asked number of files is kept to be recycled")
    void sparesAreBounded() {
        Wal wal = newLog();
        append(wal, 1, 1, 1000);
        wal.truncatePrefix(1000);
        assertThat(names(".spare")).hasSize(2);
        assertThat(names(".wal")).hasSize(1);
    }

    @Test
    @DisplayName("a full disk stops it and loses nothing, pitfall 58")
    void aFullDiskLosesNothing() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        disk.limitBytes(disk.usedBytes() + 1000);
        assertThatThrownBy(wal::prepareNextSegment).isInstanceOf(DiskFullException.class);
        append(wal, 1, 6, 5);
        assertThatThrownBy(() -> append(wal, 1, 11, 200)).isInstanceOf(DiskFullException.class);
        assertThat(wal.entries(1, 11, Long.MAX_VALUE)).isEqualTo(entries(1, 1, 10));
        disk.kill();
        Wal reopened = open(EntryId.ZERO).wal();
        assertThat(reopened.last()).as("opens on a full disk").isEqualTo(new EntryId(1, 10));
        disk.limitBytes(Long.MAX_VALUE);
        append(reopened, 1, 11, 200);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(EntryId.ZERO).wal().last()).isEqualTo(new EntryId(1, 210));
    }

    @Test
    @DisplayName("a full disk may become free again: preparing a segment can be tried twice")
    void preparingCanBeTriedAgain() {
        Wal wal = newLog();
        disk.limitBytes(disk.usedBytes() + 1000);
        assertThatThrownBy(wal::prepareNextSegment).isInstanceOf(DiskFullException.class);
        assertThat(names(".tmp")).as("the unfinished file gives its space back").isEmpty();
        disk.limitBytes(Long.MAX_VALUE);
        wal.prepareNextSegment();
        assertThat(names(".wal")).hasSize(2);
    }

    @Test
    @DisplayName("a new segment counts only when its name is synced, pitfall 6 and fault D8")
    void aNewSegmentHasADurableNameBeforeItIsUsed() {
        Wal wal = newLog();
        append(wal, 1, 1, 300);
        int segments = names(".wal").size();
        assertThat(segments).isGreaterThan(4);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(EntryId.ZERO).wal().last()).isEqualTo(new EntryId(1, 300));
        assertThat(names(".wal")).hasSize(segments);
    }

    @Test
    @DisplayName("a directory whose sync fails ends it, pitfalls 6 and 54")
    void aFailedDirectorySyncPoisons() {
        Wal wal = newLog();
        append(wal, 1, 1, 5);
        disk.failSyncs(FOLDER::equals);
        assertThatThrownBy(wal::prepareNextSegment).isInstanceOf(DiskException.class);
        disk.failSyncs(path -> false);
        assertThatThrownBy(wal::prepareNextSegment).isInstanceOf(WalFailedException.class);
        assertThatThrownBy(() -> append(wal, 1, 6, 300)).isInstanceOf(WalFailedException.class);
        assertThat(wal.entries(1, 6, Long.MAX_VALUE)).hasSize(5);
    }

    @Test
    @DisplayName("a log that begins after the stored state has a gap, fault D29")
    void aGapIsRefused() {
        Wal wal = newLog();
        append(wal, 1, 1, 200);
        wal.truncatePrefix(150);
        EntryId previous = wal.previous();
        disk.kill();
        EntryId floor = new EntryId(1, previous.index() - 1);
        assertThatThrownBy(() -> open(floor))
                .isInstanceOf(WalGapException.class)
                .hasMessageContaining(previous.toString())
                .hasMessageContaining(floor.toString());
        assertThat(open(new EntryId(1, previous.index())).wal().last()).isEqualTo(new EntryId(1, 200));
    }

    @Test
    @DisplayName("a snapshot may have been installed just before the end, fault D27")
    void aLogBehindTheSnapshotIsReset() {
        Wal wal = newLog();
        append(wal, 1, 1, 20);
        disk.kill();
        WalRecovery recovery = open(new EntryId(3, 100));
        assertThat(recovery.isReset()).isTrue();
        assertThat(recovery.foundLast()).isEqualTo(new EntryId(1, 20));
        assertThat(recovery.wal().previous()).isEqualTo(new EntryId(3, 100));
        assertThat(recovery.wal().last()).isEqualTo(new EntryId(3, 100));
        append(recovery.wal(), 3, 101, 5);
        disk.crash(FaultyDisk.Outcome.LOST, new Random(1));
        assertThat(open(new EntryId(3, 100)).wal().last()).isEqualTo(new EntryId(3, 105));
    }

    @Test
    @DisplayName("a snapshot that contradicts it wins, pitfall 41")
    void aLogThatContradictsTheSnapshotIsReset() {
        Wal wal = newLog();
        append(wal, 1, 1, 20);
        disk.kill();
        WalRecovery recovery = open(new EntryId(2, 10));
        assertThat(recovery.isReset()).isTrue();
        assertThat(recovery.wal().last()).isEqualTo(new EntryId(2, 10));
    }

    @Test
    @DisplayName("a helper thread that is late makes no file in a folder that has been given back")
    void preparesNothingAfterClosing() {
        Wal wal = newLog();
        wal.close();
        long changes = disk.changes();
        wal.prepareNextSegment();
        assertThat(disk.changes()).isEqualTo(changes);
        assertThatThrownBy(() -> append(wal, 1, 1, 1)).isInstanceOf(WalFailedException.class);
    }

    @Test
    @DisplayName("a reader is not handed the next life of a recycled file")
    void aPinnedSegmentIsNotRecycled() {
        Wal wal = newLog();
        append(wal, 1, 1, 200);
        LogIndex.Span span = wal.index().pin(1, 2);
        wal.truncatePrefix(200);
        wal.prepareNextSegment();
        append(wal, 1, 201, 100);
        EntryReader reader = new EntryReader();
        reader.read(span, 1, Long.MAX_VALUE);
        span.file().unpin();
        assertThat(reader.entries()).isEqualTo(entries(1, 1, reader.entries().size()));
        assertThat(reader.entries()).isNotEmpty();
    }

    private Wal newLog() {
        Wal.create(disk, FOLDER, SMALL);
        return open(EntryId.ZERO).wal();
    }

    private WalRecovery open(EntryId floor) {
        return Wal.open(disk, FOLDER, SMALL, floor);
    }

    private static void append(Wal wal, long term, long first, int count) {
        wal.append(entries(term, first, count));
        wal.sync();
    }

    private static Path segment(long sequence) {
        return WalFolder.segment(FOLDER, sequence);
    }

    private List<Path> names(String suffix) {
        return disk.list(FOLDER).stream()
                .filter(path -> path.toString().endsWith(suffix))
                .toList();
    }

    @Test
    @DisplayName("A16: a header whose checksum matches and whose entry cannot be is damage")
    void aHeaderOfAnImpossibleEntryIsDamage() {
        WalFormat format = new WalFormat();
        ByteBuffer sector = ByteBuffer.allocate(WalFormat.HEADER_BYTES);
        int unused = format.putHeader(sector, new SegmentHeader(1, true, EntryId.ZERO, 8192, 0));
        assertThat(format.header(sector, 0, 1, Path.of("/wal"))).isNotNull();
        sector.putLong(32, -1);
        CRC32C crc = new CRC32C();
        crc.update(sector.array(), 0, 60);
        sector.putInt(60, (int) crc.getValue() ^ WalFormat.mask(1));
        assertThatThrownBy(() -> format.header(sector, 0, 1, Path.of("/wal")))
                .isInstanceOf(WalCorruptedException.class)
                .hasMessageContaining("follows entry -1");
    }

    @Test
    @DisplayName("A16: a trailer whose checksum matches and whose entry cannot be is none")
    void aTrailerOfAnImpossibleEntryIsNone() {
        WalFormat format = new WalFormat();
        BatchTrailer trailer = new BatchTrailer(BatchTrailer.Kind.BATCH, 7, LogPosition.NONE, new EntryId(3, 5), 2);
        for (int field : List.of(40, 48, 56)) {
            ByteBuffer bytes = ByteBuffer.allocate(WalFormat.TRAILER_BYTES);
            int unused = format.putTrailer(bytes, trailer, 1, 0);
            assertThat(format.trailer(bytes, 0, 1, 0)).isEqualTo(trailer);
            bytes.put(field, (byte) 0xff);
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 4, WalFormat.TRAILER_BYTES - 4);
            bytes.putInt(0, (int) crc.getValue() ^ WalFormat.mask(1));
            assertThat(format.trailer(bytes, 0, 1, 0)).as("byte %d", field).isNull();
        }
    }
}

package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A damaged log is made usable again without losing or inventing anything in silence (pitfalls 55, 56)")
class WalSalvageTest {
    private static final WalOptions SMALL = new WalOptions(4096, 4096, 2);
    private static final Path MEMBER = Path.of("/member");
    private static final Path FOLDER = MEMBER.resolve("wal");
    private static final EntryId BEGIN = new EntryId(2, 10);
    private static final EntryId LAST = new EntryId(4, 150);

    private FaultyDisk good = new FaultyDisk();

    /** Segments, a truncation across them, several terms, a recycled file; everything synced, then killed. */
    @BeforeEach
    void writeLog() {
        good = new FaultyDisk();
        good.createDirectories(MEMBER);
        Wal.create(good, FOLDER, SMALL);
        Wal wal = Wal.open(good, FOLDER, SMALL, EntryId.ZERO).wal();
        append(wal, entries(1, 1, 80));
        wal.reset(BEGIN);
        append(wal, entries(2, 11, 45));
        for (int first = 51; first <= 140; first += 10) {
            append(wal, entries(3, first, 10));
        }
        append(wal, entries(4, 141, 10));
        good.kill();
    }

    @Test
    @DisplayName(
            "D10 to D12, D17: any sector, or the rest of a file, zeroed or garbage, at three depths of stored state")
    void anySectorOfAnyFile() {
        int complete = 0;
        int partial = 0;
        for (EntryId floor : List.of(BEGIN, new EntryId(3, 100), LAST)) {
            for (Path file : segments(good)) {
                int size = good.content(file).length;
                for (int offset = 0; offset < size; offset += 512) {
                    byte[] garbage = new byte[512];
                    new Random(offset).nextBytes(garbage);
                    // The last batch and its mark gone at once look like a torn write: docs/formats/wal.md.
                    byte[] rest = new byte[file.equals(newestInUse(good)) ? 512 : size - offset];
                    for (byte[] bytes : List.of(new byte[512], garbage, rest)) {
                        FaultyDisk disk = good.copy();
                        disk.overwrite(file, offset, bytes);
                        String what = file + " at " + offset + ", " + bytes.length + " bytes, floor " + floor;
                        WalSalvage.Outcome outcome = salvageIfRefused(disk, floor, what);
                        if (outcome != null) {
                            complete += outcome.isComplete() ? 1 : 0;
                            partial += outcome.isComplete() ? 0 : 1;
                        }
                    }
                }
            }
        }
        assertThat(complete).as("damage below the stored state costs nothing").isGreaterThan(40);
        assertThat(partial).as("damage above it does").isGreaterThan(40);
    }

    @Test
    @DisplayName("D17: the loss of any one file")
    void lossOfAnyFile() {
        for (EntryId floor : List.of(BEGIN, new EntryId(3, 100), LAST)) {
            for (Path file : segments(good)) {
                FaultyDisk disk = good.copy();
                disk.delete(file);
                salvageIfRefused(disk, floor, "without " + file + ", floor " + floor);
                FaultyDisk cut = good.copy();
                cut.open(file).truncate(700);
                salvageIfRefused(cut, floor, file + " cut short, floor " + floor);
            }
        }
    }

    @Test
    @DisplayName(
            "D11: two damaged places leave what is before the first; the end is known if the last batches are sound")
    void twoPlaces() {
        List<Path> files = segments(good);
        FaultyDisk disk = good.copy();
        disk.flipBit(files.get(0), 1500, 1);
        disk.flipBit(files.get(2), 1500, 1);
        WalSalvage.Outcome outcome = Objects.requireNonNull(salvageIfRefused(disk, BEGIN, "two places"));
        assertThat(outcome.isComplete()).isFalse();
        assertThat(outcome.keptLast().index()).isBetween(10L, 60L);
        assertThat(outcome.knownLast()).isEqualTo(LAST);
    }

    @Test
    @DisplayName("D12: if the mark at the end is gone too, how far the log went is not claimed to be known")
    void withoutTheMarkTheEndIsNotKnown() {
        FaultyDisk disk = good.copy();
        disk.flipBit(segments(disk).get(0), 1500, 1);
        Path newest = newestInUse(disk);
        byte[] content = disk.content(newest);
        int mark = content.length - 64;
        while (disk.content(newest)[mark + 8] != 'A' || content[mark + 12] != 4) {
            mark -= 512;
        }
        disk.overwrite(newest, mark, new byte[64]);
        WalSalvage.Outcome outcome = Objects.requireNonNull(salvageIfRefused(disk, BEGIN, "no mark"));
        assertThat(outcome.knownLast()).isNull();
        assertThat(outcome.isComplete()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("a crash before any disk operation of the repair leaves the damaged log or the repaired one")
    void aCrashInTheMiddle(FaultyDisk.Outcome how) {
        for (EntryId floor : List.of(BEGIN, LAST)) {
            FaultyDisk damaged = good.copy();
            damaged.flipBit(segments(damaged).get(2), 1500, 1);
            FaultyDisk counted = damaged.copy();
            long before = counted.changes();
            rebuild(counted, floor);
            long steps = counted.changes() - before;
            assertThat(steps).isGreaterThan(5);
            for (long step = 0; step < steps; step++) {
                FaultyDisk disk = damaged.copy();
                disk.crashAfter(step);
                try {
                    rebuild(disk, floor);
                } catch (SimulatedCrash expected) {
                    assertThat(expected).isNotNull();
                }
                disk.crash(how, new Random(step));
                String what = how + " before change " + step + ", floor " + floor;
                WalSalvage.finishSwap(disk, FOLDER);
                assertThat(disk.exists(FOLDER)).as(what).isTrue();
                try {
                    Wal.open(disk.copy(), FOLDER, SMALL, floor);
                } catch (WalCorruptedException stillDamaged) {
                    rebuild(disk, floor);
                }
                requireTrue(Wal.open(disk, FOLDER, SMALL, floor).wal(), floor, what);
                boolean isOriginalKept = disk.list(MEMBER).stream()
                        .anyMatch(path -> path.toString().endsWith(".damaged1"));
                assertThat(isOriginalKept).as(what).isTrue();
            }
        }
    }

    @Test
    @DisplayName("the memory of a loss is kept as written; a damaged one binds more, never less")
    void theMemoryOfALoss() {
        Path file = MEMBER.resolve("loss");
        assertThat(LogLoss.read(good, file, 9)).isEmpty();
        LogLoss loss = new LogLoss(new VoteEmbargo(4, new EntryId(4, 150)), 51, "file at byte 7");
        loss.write(good, file);
        assertThat(LogLoss.read(good, file, 9)).contains(loss);
        int size = good.content(file).length;
        for (int offset = 0; offset < size; offset++) {
            FaultyDisk disk = good.copy();
            disk.flipBit(file, offset, offset % 8);
            assertThat(LogLoss.read(disk, file, 9).orElseThrow().embargo())
                    .as("byte %s", offset)
                    .isEqualTo(new VoteEmbargo(9, null));
        }
        LogLoss other = new LogLoss(new VoteEmbargo(6, null), 20, "another");
        assertThat(other.and(loss).embargo()).isEqualTo(new VoteEmbargo(6, null));
        assertThat(other.and(loss).firstLostIndex()).isEqualTo(20);
        LogLoss.forget(good, file);
        assertThat(LogLoss.read(good, file, 9)).isEmpty();
    }

    /** Null if the log can be opened as it is, and is whole then. */
    private WalSalvage.@org.jspecify.annotations.Nullable Outcome salvageIfRefused(
            FaultyDisk disk, EntryId floor, String what) {
        try {
            requireWhole(Wal.open(disk.copy(), FOLDER, SMALL, floor).wal(), floor, what);
            return null;
        } catch (WalCorruptedException | WalGapException refused) {
            long changes = disk.changes();
            WalSalvage.inspect(disk, FOLDER, SMALL, floor).close();
            assertThat(disk.changes()).as(what).isEqualTo(changes);
            WalSalvage.Outcome outcome = rebuild(disk, floor);
            Wal repaired = Wal.open(disk, FOLDER, SMALL, floor).wal();
            if (outcome.isComplete()) {
                requireWhole(repaired, floor, what);
            } else {
                requireHonest(repaired, outcome, floor, what);
            }
            if (outcome.knownLast() != null) {
                assertThat(outcome.knownLast()).as(what).isEqualTo(LAST);
            }
            return outcome;
        }
    }

    private static WalSalvage.Outcome rebuild(FaultyDisk disk, EntryId floor) {
        try (WalSalvage salvage = WalSalvage.inspect(disk, FOLDER, SMALL, floor)) {
            WalSalvage.Outcome outcome = salvage.outcome();
            Path aside = salvage.rebuild();
            assertThat(disk.exists(aside)).isTrue();
            return outcome;
        }
    }

    private static void requireWhole(Wal wal, EntryId floor, String what) {
        assertThat(wal.last()).as(what).isEqualTo(LAST);
        requireTrue(wal, floor, what);
    }

    private static void requireHonest(Wal wal, WalSalvage.Outcome outcome, EntryId floor, String what) {
        assertThat(wal.last()).as(what).isEqualTo(outcome.keptLast());
        requireTrue(wal, floor, what);
    }

    /** It begins at the stored state or before, and holds nothing but what was written. */
    private static void requireTrue(Wal wal, EntryId floor, String what) {
        assertThat(wal.previous().index()).as(what).isLessThanOrEqualTo(floor.index());
        assertThat(wal.last().index()).as(what).isGreaterThanOrEqualTo(floor.index());
        assertThat(wal.term(floor.index())).as(what).isEqualTo(floor.term());
        if (wal.last().index() > wal.previous().index()) {
            List<Entry> held =
                    wal.entries(wal.previous().index() + 1, wal.last().index() + 1, Long.MAX_VALUE);
            for (Entry entry : held) {
                assertThat(entry).as(what).isIn(entriesAt(entry.index()));
            }
        }
    }

    /** What the log has ever held there: before its last truncation a few entries of term 2. */
    private static List<Entry> entriesAt(long index) {
        Entry last = expected().get((int) index - 11);
        return index > 50 && index <= 55 ? List.of(last, Entries.entry(2, index)) : List.of(last);
    }

    private static List<Entry> expected() {
        List<Entry> all = new ArrayList<>(entries(2, 11, 40));
        all.addAll(entries(3, 51, 90));
        all.addAll(entries(4, 141, 10));
        return all;
    }

    private static Path newestInUse(FaultyDisk disk) {
        List<Path> files = new ArrayList<>(segments(disk));
        files.removeIf(file -> Arrays.equals(Arrays.copyOf(disk.content(file), 8), new byte[8]));
        return files.get(files.size() - 1);
    }

    private static List<Path> segments(FaultyDisk disk) {
        return disk.list(FOLDER).stream()
                .filter(path -> path.toString().endsWith(".wal"))
                .toList();
    }

    private static void append(Wal wal, List<Entry> entries) {
        wal.append(entries);
        wal.sync();
    }
}

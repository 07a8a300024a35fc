package io.axolotl.storage.wal;

import static io.axolotl.storage.wal.Entries.entries;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.FaultyDisk;
import io.axolotl.storage.disk.SimulatedCrash;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A scripted life of a log is cut before each of its disk operations, the disk then loses, tears or reorders what was
 * not synced, and the log must come back with every synced entry and none that was never appended (faults D6, D8 to
 * D10). The recovery itself is cut too, and the recovered log must be fit to go on.
 */
@DisplayName("A crash before any disk operation")
class WalCrashTest {
    private static final WalOptions SMALL = new WalOptions(4096, 900, 1);
    private static final Path FOLDER = Path.of("/wal");
    private static final int SEEDS = 3;

    @ParameterizedTest
    @EnumSource(FaultyDisk.Outcome.class)
    @DisplayName("keeps all that was synced and invents nothing, pitfalls 6 and 55")
    void keepsAllThatWasSyncedAndInventsNothing(FaultyDisk.Outcome outcome) {
        long steps = stepsOfWholeScript();
        assertThat(steps).as("the script is long enough to be worth it").isGreaterThan(120);
        for (long step = 0; step < steps; step++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                crashAt(step, outcome, seed);
            }
        }
    }

    private static void crashAt(long step, FaultyDisk.Outcome outcome, int seed) {
        String when = outcome + " crash before change " + step + ", seed " + seed;
        Random random = new Random(31 * step + seed);
        FaultyDisk disk = newDisk();
        WalModel model = new WalModel();
        disk.crashAfter(step);
        boolean hasCrashed = false;
        try {
            script(disk, model);
        } catch (SimulatedCrash e) {
            hasCrashed = true;
        }
        assertThat(hasCrashed).as(when).isTrue();
        disk.crash(outcome, random);
        crashInRecovery(disk, model, outcome, random);

        Wal recovered = Wal.open(disk, FOLDER, SMALL, model.floor()).wal();
        model.recover(recovered, when);

        // What recovery shows may be answered for at once, so it must survive the next power cut.
        disk.crash(outcome, random);
        Wal again = Wal.open(disk, FOLDER, SMALL, model.floor()).wal();
        model.check(again, when + ", then a second power cut");
        List<Entry> more = entries(model.last().term() + 1, model.last().index() + 1, 30);
        model.append(more);
        again.append(more);
        again.sync();
        model.sync();
        disk.crash(outcome, random);
        model.check(Wal.open(disk, FOLDER, SMALL, model.floor()).wal(), when + ", then more entries");
    }

    private static void crashInRecovery(FaultyDisk disk, WalModel model, FaultyDisk.Outcome outcome, Random random) {
        disk.crashAfter(random.nextInt(6));
        try {
            Wal.open(disk, FOLDER, SMALL, model.floor());
        } catch (SimulatedCrash e) {
            // Expected unless recovery needed fewer changes.
        }
        disk.crash(outcome, random);
    }

    private static long stepsOfWholeScript() {
        FaultyDisk disk = newDisk();
        long before = disk.changes();
        script(disk, new WalModel());
        return disk.changes() - before;
    }

    private static FaultyDisk newDisk() {
        FaultyDisk disk = new FaultyDisk();
        Wal.create(disk, FOLDER, SMALL);
        return disk;
    }

    /** Rolls, early writes, recycling, truncation inside a segment and across several, large entries, resets. */
    private static void script(FaultyDisk disk, WalModel model) {
        Wal wal = Wal.open(disk, FOLDER, SMALL, EntryId.ZERO).wal();
        append(wal, model, entries(1, 1, 3));
        sync(wal, model);
        append(wal, model, entries(1, 4, 40));
        append(wal, model, entries(1, 44, 2));
        sync(wal, model);
        wal.prepareNextSegment();
        append(wal, model, entries(2, 42, 3));
        sync(wal, model);
        for (int i = 0; i < 8; i++) {
            append(wal, model, entries(2, 45 + 9L * i, 9));
            sync(wal, model);
        }
        append(wal, model, entries(3, 60, 4));
        append(wal, model, entries(4, 50, 4));
        sync(wal, model);
        append(wal, model, List.of(new Entry(new EntryId(4, 54), Entry.Kind.COMMAND, new byte[7000])));
        sync(wal, model);
        append(wal, model, entries(4, 55, 50));
        sync(wal, model);
        truncatePrefix(wal, model, 80);
        append(wal, model, entries(5, 90, 60));
        sync(wal, model);
        truncatePrefix(wal, model, 149);
        append(wal, model, entries(5, 150, 5));
        reset(wal, model, new EntryId(6, 500));
        append(wal, model, entries(7, 501, 60));
        sync(wal, model);
        reset(wal, model, new EntryId(8, 600));
        append(wal, model, entries(8, 601, 2));
        sync(wal, model);
        wal.close();
    }

    private static void append(Wal wal, WalModel model, List<Entry> entries) {
        model.append(entries);
        wal.append(entries);
    }

    private static void sync(Wal wal, WalModel model) {
        wal.sync();
        model.sync();
    }

    private static void truncatePrefix(Wal wal, WalModel model, long through) {
        model.raiseFloor(through);
        wal.truncatePrefix(through);
    }

    private static void reset(Wal wal, WalModel model, EntryId snapshot) {
        model.reset(snapshot);
        wal.reset(snapshot);
    }
}

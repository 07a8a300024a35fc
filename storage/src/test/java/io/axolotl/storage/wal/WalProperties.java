package io.axolotl.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.storage.disk.FaultyDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The log against a plain list, under every mixture of its operations, kills and power cuts. */
@Label("The log, compared with a list,")
class WalProperties {
    private static final WalOptions SMALL = new WalOptions(4096, 700, 2);
    private static final Path FOLDER = Path.of("/wal");

    private sealed interface Action {}

    /** Append at the end; a new term if asked for. */
    private record Append(int count, boolean isNewTerm, int payloadBytes) implements Action {}

    /** A new leader replaces the last {@code back} entries. */
    private record Replace(int back, int count) implements Action {}

    private record Sync() implements Action {}

    /** Drop this percentage of what is synced. */
    private record TruncatePrefix(int percent) implements Action {}

    /** A snapshot that is this far ahead of the log. */
    private record Reset(int ahead) implements Action {}

    private record Prepare() implements Action {}

    private record CloseAndOpen() implements Action {}

    private record KillAndOpen() implements Action {}

    private record CrashAndOpen(FaultyDisk.Outcome outcome, long seed) implements Action {}

    @Property(tries = 500)
    void holdsWhatWasSyncedAndNothingElse(@ForAll("actions") List<Action> actions) {
        new World().run(actions);
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Integer> sizes = Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.integers().between(0, 300)),
                Tuple.of(1, Arbitraries.integers().between(3000, 9000)));
        Arbitrary<Action> append = Combinators.combine(
                        Arbitraries.integers().between(1, 20), Arbitraries.of(true, false, false), sizes)
                .as(Append::new);
        Arbitrary<Action> replace = Combinators.combine(
                        Arbitraries.integers().between(1, 40),
                        Arbitraries.integers().between(1, 10))
                .as(Replace::new);
        Arbitrary<Action> crash = Combinators.combine(Arbitraries.of(FaultyDisk.Outcome.class), Arbitraries.longs())
                .as(CrashAndOpen::new);
        return Arbitraries.frequencyOf(
                        Tuple.of(8, append),
                        Tuple.of(3, replace),
                        Tuple.of(8, Arbitraries.just(new Sync())),
                        Tuple.of(2, Arbitraries.integers().between(0, 100).map(percent -> new TruncatePrefix(percent))),
                        Tuple.of(1, Arbitraries.integers().between(1, 50).map(ahead -> new Reset(ahead))),
                        Tuple.of(2, Arbitraries.just(new Prepare())),
                        Tuple.of(1, Arbitraries.just(new CloseAndOpen())),
                        Tuple.of(2, Arbitraries.just(new KillAndOpen())),
                        Tuple.of(2, crash))
                .list()
                .ofMaxSize(80);
    }

    /** A log, its disk, and the list it is compared with. */
    private static final class World {
        private final FaultyDisk disk = new FaultyDisk();
        private final WalModel model = new WalModel();
        private Wal wal;
        private long term = 1;

        World() {
            Wal.create(disk, FOLDER, SMALL);
            wal = Wal.open(disk, FOLDER, SMALL, EntryId.ZERO).wal();
        }

        void run(List<Action> actions) {
            for (Action action : actions) {
                run(action);
            }
            wal.sync();
            model.sync();
            model.check(wal, "at the end");
            assertThat(wal.sizeBytes()).isPositive();
        }

        private void run(Action action) {
            if (action instanceof Append append) {
                term += append.isNewTerm() ? 1 : 0;
                append(model.last().index() + 1, append.count(), append.payloadBytes());
            } else if (action instanceof Replace replace) {
                term++;
                long first = Math.max(model.floor().index() + 1, model.last().index() + 1 - replace.back());
                append(first, replace.count(), 40);
            } else if (action instanceof Sync) {
                wal.sync();
                model.sync();
                model.check(wal, "after a sync");
            } else if (action instanceof TruncatePrefix truncate) {
                wal.sync();
                model.sync();
                long floor = model.floor().index();
                long through = floor + (model.lastSynced().index() - floor) * truncate.percent() / 100;
                model.raiseFloor(through);
                wal.truncatePrefix(through);
                model.check(wal, "after truncating the prefix");
            } else if (action instanceof Reset reset) {
                term++;
                EntryId snapshot = new EntryId(term, model.last().index() + reset.ahead());
                model.reset(snapshot);
                wal.reset(snapshot);
                model.check(wal, "after a reset");
            } else if (action instanceof Prepare) {
                wal.prepareNextSegment();
            } else if (action instanceof CloseAndOpen) {
                wal.close();
                disk.kill();
                open("after closing");
            } else if (action instanceof KillAndOpen) {
                disk.kill();
                open("after a kill");
            } else if (action instanceof CrashAndOpen crash) {
                disk.crash(crash.outcome(), new Random(crash.seed()));
                open("after a power cut");
            }
        }

        private void append(long first, int count, int payloadBytes) {
            List<Entry> entries = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Entry.Kind kind = i % 7 == 3 ? Entry.Kind.MEMBERSHIP : Entry.Kind.COMMAND;
                byte[] payload = new byte[payloadBytes + i % 3];
                Arrays.fill(payload, (byte) (first + i));
                entries.add(new Entry(new EntryId(term, first + i), kind, payload));
            }
            model.append(entries);
            wal.append(entries);
        }

        private void open(String when) {
            WalRecovery recovery = Wal.open(disk, FOLDER, SMALL, model.floor());
            assertThat(recovery.isReset()).as(when).isFalse();
            wal = recovery.wal();
            model.recover(wal, when);
            term = Math.max(term, wal.last().term());
        }
    }
}

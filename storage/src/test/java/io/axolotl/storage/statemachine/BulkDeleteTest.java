package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.axolotl.storage.mvcc.RangeQuery;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import io.axolotl.storage.statemachine.KvStateMachine.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletes of more keys than anybody should keep in memory. */
class BulkDeleteTest extends StoreFixture {
    private static final int KEYS = Limits.DEFAULT.plainDeletes() + 500;

    private static final Command.Range READ_ALL = new Command.Range(RangeQuery.ofRange(OPEN, OPEN));
    private static final Command.DeleteRange DELETE_ALL = new Command.DeleteRange(OPEN, OPEN, false);

    /** Returns the revision of the last put. */
    private long putMany() {
        for (int i = 0; i < KEYS; i++) {
            put(key(i), "value " + i);
        }
        return store.revision();
    }

    private static String key(int i) {
        return String.format("key %07d", i);
    }

    private static RangeAnswer.Found answer(CommandResult.Txn txn, int place) {
        return ((CommandResult.Range) txn.responses().get(place)).answer();
    }

    @Test
    @DisplayName("TX-5 a transaction that deletes thousands of keys sees them gone, and their history still there")
    void laterOperationsSeeABulkDelete() {
        long before = putMany();
        CommandResult.Txn done = (CommandResult.Txn) apply(always(
                Log.put(key(7), "put before the delete"),
                DELETE_ALL,
                READ_ALL,
                readAt(key(5), before),
                readAt(key(7), before),
                Log.put(key(5), "put after it"),
                READ_ALL,
                DELETE_ALL,
                READ_ALL,
                read(key(5)),
                Log.put("new", "1")));
        assertThat(((CommandResult.DeleteRange) done.responses().get(1)).deleted())
                .isEqualTo(KEYS);
        assertThat(answer(done, 2).count()).isZero();
        assertThat(text(answer(done, 3).kvs().get(0).value())).isEqualTo("value 5");
        assertThat(text(answer(done, 4).kvs().get(0).value())).isEqualTo("value 7");
        assertThat(keys(answer(done, 6))).containsExactly(key(5));
        assertThat(answer(done, 6).kvs().get(0).version()).isEqualTo(1);
        assertThat(((CommandResult.DeleteRange) done.responses().get(7)).deleted())
                .isEqualTo(1);
        assertThat(answer(done, 8).count()).isZero();
        assertThat(answer(done, 9).count()).isZero();
        assertThat(keys(all())).containsExactly("new");
        assertThat(store.revision()).isEqualTo(before + 1);
        assertThat(store.liveKeys()).isEqualTo(1);
        sameAsWithoutBulkDeletes();
    }

    @Test
    @DisplayName("DL-1, DL-2 a bulk delete tells what it removed, ends its run, and leaves nothing stale behind")
    void bulkDeleteEndsItsRun() {
        long before = putMany();
        List<Entry> entries = List.of(
                log.append(Log.put(key(0), "again")),
                log.append(new Command.DeleteRange(OPEN, OPEN, true)),
                log.append(Log.put(key(3), "back")),
                log.append(Log.put(key(0), "back")));
        List<Applied> outcomes = store.apply(entries, id -> true);
        assertThat(outcomes).hasSize(2);
        assertThat(store.applied()).isEqualTo(entries.get(1).id());
        assertThat(all().count()).isZero();
        CommandResult.DeleteRange delete = (CommandResult.DeleteRange)
                Objects.requireNonNull(outcomes.get(1).result());
        assertThat(delete.deleted()).isEqualTo(KEYS);
        assertThat(delete.previous()).hasSize(KEYS);
        assertThat(text(delete.previous().get(0).value())).isEqualTo("again");
        assertThat(text(delete.previous().get(KEYS - 1).value())).isEqualTo("value " + (KEYS - 1));
        store.apply(entries.subList(2, 4), id -> false);
        assertThat(keys(all())).containsExactly(key(0), key(3));
        assertThat(get(key(3)).version()).isEqualTo(1);
        assertThat(text(((RangeAnswer.Found) at(key(3), before)).kvs().get(0).value()))
                .isEqualTo("value 3");
        sameAsWithoutBulkDeletes();
    }

    private void sameAsWithoutBulkDeletes() {
        KvStateMachine plain = KvStateMachine.open(
                MemoryEngine.inMemory(), Log.THREE, List.of(), new Limits(Long.MAX_VALUE, Integer.MAX_VALUE));
        plain.apply(log.after(0), id -> false);
        assertThat(plain.applied()).isEqualTo(store.applied());
        assertThat(store.digest()).isEqualTo(plain.digest());
        compact(store.revision());
        plain.apply(log.after(plain.applied().index()), id -> false);
        removeHistory();
        while (plain.compactStep(100)) {
            assertThat(plain.revision()).isPositive();
        }
        assertThat(store.digest()).isEqualTo(plain.digest());
    }

    @Test
    @DisplayName("a process with 64 MiB of heap deletes 200,000 keys of 256 B at once")
    void bulkDeleteFitsInASmallHeap(@TempDir Path folder) throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = text(child.getInputStream().readAllBytes());
        assertThat(child.waitFor()).as(output).isZero();
    }

    /** The child's program. */
    static final class SmallHeap {
        private static final int KEYS = 200_000;
        private static final int RUN_ENTRIES = 2_000;

        private SmallHeap() {}

        public static void main(String[] args) {
            RocksDbOptions options = new RocksDbOptions(8 << 20, 4 << 20, Path.of("target", "native"));
            KvStateMachine machine = KvStateMachine.open(RocksDbEngine.open(Path.of(args[0]), options), Log.THREE);
            String value = "x".repeat(256);
            for (int i = 0; i < KEYS; ) {
                Log run = new Log(i);
                List<Entry> entries = new ArrayList<>();
                while (entries.size() < RUN_ENTRIES) {
                    entries.add(run.append(new Command.Put(bytes(key(i++)), bytes(value), 0, false, false, false)));
                }
                machine.apply(entries, id -> false);
            }
            CommandResult result = new Log(KEYS).apply(machine, DELETE_ALL);
            if (((CommandResult.DeleteRange) result).deleted() != KEYS || machine.liveKeys() != 0) {
                throw new AssertionError(result + ", left: " + machine.liveKeys());
            }
            machine.close();
        }
    }
}

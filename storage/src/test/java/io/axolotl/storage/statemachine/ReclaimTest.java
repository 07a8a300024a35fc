package io.axolotl.storage.statemachine;

import static io.axolotl.storage.statemachine.Log.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.rocksdb.RocksDbEngine;
import io.axolotl.storage.rocksdb.RocksDbOptions;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Room that compaction gives back, on a real database. */
class ReclaimTest {
    private static final RocksDbOptions OPTIONS = new RocksDbOptions(8 << 20, 1 << 20, Path.of("target", "native"));
    private static final int KEYS = 4_000;

    private final Log log = new Log();

    @Test
    @DisplayName("CP-3 after a delete and a compaction the files shrink, and the store takes puts as before")
    void roomOfCompactedHistoryIsGivenBack(@TempDir Path folder) {
        try (KvStateMachine store = KvStateMachine.open(RocksDbEngine.open(folder, OPTIONS), Log.THREE)) {
            Random random = new Random(1);
            for (int i = 0; i < KEYS; i++) {
                byte[] value = new byte[1_000];
                random.nextBytes(value);
                log.apply(store, new Command.Put(bytes("k" + i), value, 0, false, false, false));
            }
            store.flush();
            long fullBytes = store.sizeBytes();
            assertThat(fullBytes).isGreaterThan(KEYS * 1_000L);
            assertThat(store.reclaim()).as("nothing was removed yet").isFalse();
            log.apply(store, new Command.DeleteRange(new byte[] {0}, new byte[] {0}, false));
            log.apply(store, new Command.Compact(store.revision(), false));
            while (store.compactStep(1_000)) {
                assertThat(store.revision()).isPositive();
            }
            assertThat(store.isWorthReclaiming()).isTrue();
            assertThat(store.reclaim()).isTrue();
            assertThat(store.isWorthReclaiming()).isFalse();
            assertThat(store.sizeBytes()).isLessThan(fullBytes / 4);
            assertThat(log.apply(store, Log.put("k1", "back"))).isInstanceOf(CommandResult.Put.class);
            assertThat(store.isWorthReclaiming()).isFalse();
            assertThat(store.liveKeys()).isEqualTo(1);
        }
    }
}

package io.axolotl.server.scrub;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.wal.WalCorruptedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The scrub (D11, D13, D14, O8)")
class ScrubberTest {
    private static final ScrubSettings SETTINGS = new ScrubSettings(1_000_000_000L, 1_000);

    private final List<String> events = new ArrayList<>();
    private final List<Long> waits = new ArrayList<>();
    private final ScrubMetrics metrics = new ScrubMetrics(new MetricRegistry());
    private final Files files = new Files();
    private boolean isBusy;
    private int allowedWaits = Integer.MAX_VALUE;

    private final Scrubber scrubber = new Scrubber(
            SETTINGS, files, () -> isBusy, metrics, (what, cause) -> events.add("fatal: " + what), nanos -> {
                waits.add(nanos);
                return waits.size() <= allowedWaits;
            });

    /** Three files of 100 bytes each, in good order unless a test says otherwise. */
    private final class Files implements Scrubber.Subjects {
        @Nullable RuntimeException logDamage;

        @Nullable RuntimeException stateDamage;

        List<String> snapshotDamage = List.of();

        @Override
        public void verifyLog(LongConsumer read) {
            read(read, logDamage);
        }

        @Override
        public void verifyState(LongConsumer read) {
            read(read, stateDamage);
        }

        @Override
        public List<String> verifySnapshots(LongConsumer read) {
            read(read, null);
            return snapshotDamage;
        }

        private void read(LongConsumer read, @Nullable RuntimeException damage) {
            if (damage != null) {
                throw damage;
            }
            read.accept(100);
        }

        @Override
        public void replaceSnapshot() {
            events.add("replace snapshot");
        }

        @Override
        public void flushState() {
            events.add("flush");
        }
    }

    @Test
    @DisplayName("reads everything once a pass, no faster than it may")
    void readsEverythingAtItsRate() {
        assertThat(scrubber.pass()).isTrue();
        assertThat(waits).containsExactly(100_000_000L, 100_000_000L, 100_000_000L);
        assertThat(metrics.bytes()).isEqualTo(300);
        assertThat(metrics.passes()).isEqualTo(1);
        assertThat(events).isEmpty();
    }

    @Test
    @DisplayName("goes at a quarter of its rate while clients keep the member busy")
    void yieldsToLoad() {
        isBusy = true;
        scrubber.pass();
        assertThat(waits).containsOnly(400_000_000L);
    }

    @Test
    @DisplayName("D11: damage in the log makes the state durable and ends the process, naming the place")
    void damageInTheLogEndsTheProcess() {
        files.logDamage = new WalCorruptedException(Path.of("/wal/1.wal"), 77, 5, "rotten");
        assertThat(scrubber.pass()).isFalse();
        assertThat(events).hasSize(2).first().isEqualTo("flush");
        assertThat(events.get(1))
                .contains("/wal/1.wal at byte 77, from entry 5 on")
                .contains("next start repairs");
        assertThat(metrics.damages()).isEqualTo(1);
        assertThat(metrics.passes()).isZero();
    }

    @Test
    @DisplayName("D14: damage in a file of the state ends the process")
    void damageInTheStateEndsTheProcess() {
        files.stateDamage = new EngineException("000012.sst does not verify", null, true);
        assertThat(scrubber.pass()).isFalse();
        assertThat(events.get(1)).contains("000012.sst");
    }

    @Test
    @DisplayName("D13: a damaged snapshot is replaced, and the member goes on")
    void aDamagedSnapshotIsReplaced() {
        files.snapshotDamage = List.of("snapshot 7 is damaged");
        assertThat(scrubber.pass()).isTrue();
        assertThat(events).containsExactly("replace snapshot");
        assertThat(metrics.damages()).isEqualTo(1);
    }

    @Test
    @DisplayName("a state that a snapshot replaces under the scrub is left out")
    void aReplacedStateIsLeftOut() {
        files.stateDamage = new ClosedException("closed");
        assertThat(scrubber.pass()).isTrue();
        assertThat(events).isEmpty();
    }

    @Test
    @DisplayName("ends in the middle of a file when the node stops")
    void endsInTheMiddle() {
        allowedWaits = 1;
        assertThat(scrubber.pass()).isFalse();
        assertThat(waits).hasSize(2);
        assertThat(metrics.passes()).isZero();
        assertThat(events).isEmpty();
    }
}

package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.Input;
import io.axolotl.server.stage.BatchQueue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the core is told of the disk under the log. */
class DiskWatchTest {
    private static final long MILLI = 1_000_000L;

    private final BatchQueue<Arrival> queue = new BatchQueue<>(100, 1 << 20);
    private long nowNanos = Long.MAX_VALUE - 300 * MILLI;
    private final DiskWatch watch = new DiskWatch(queue, () -> nowNanos, false);
    private final List<Input> told = new ArrayList<>();

    /** The driver turns every ten milliseconds. */
    private void pass(long millis) {
        for (long i = 0; i < millis; i += 10) {
            nowNanos += 10 * MILLI;
            turn();
        }
    }

    private void turn() {
        watch.turn(nowNanos);
        List<Arrival> arrivals = new ArrayList<>();
        queue.drainTo(arrivals);
        arrivals.forEach(arrival -> watch.synced((Arrival.Synced) arrival, told::add));
        watch.lookAtRunning(told::add);
    }

    @Test
    @DisplayName("pitfall 25: a sync is told when it has come back")
    void aSyncIsTold() {
        watch.began();
        pass(30);
        watch.ended();
        pass(10);
        assertThat(told).containsExactly(new Input.SyncObserved(30 * MILLI, false));
    }

    @Test
    @DisplayName("pitfall 25: one that does not come back is told while it is under way, ever older")
    void aRunningSyncIsTold() {
        watch.began();
        pass(120);
        watch.began();
        pass(10);
        assertThat(told)
                .containsExactly(
                        new Input.SyncObserved(100 * MILLI, true),
                        new Input.SyncObserved(110 * MILLI, true),
                        new Input.SyncObserved(120 * MILLI, true),
                        new Input.SyncObserved(130 * MILLI, true));
    }

    @Test
    @DisplayName("P6: the time in which the whole process was paused is not the disk's")
    void aPauseIsNotTheDisks() {
        watch.began();
        pass(20);
        nowNanos += 3_000 * MILLI;
        turn();
        pass(20);
        watch.ended();
        pass(10);
        assertThat(told).containsExactly(new Input.SyncObserved(20 * MILLI, false));
    }
}

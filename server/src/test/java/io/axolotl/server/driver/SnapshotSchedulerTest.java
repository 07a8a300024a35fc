package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SnapshotSchedulerTest {
    private static final NodeId SELF = new NodeId(1);
    private static final Membership ALONE = Membership.ofVoters(List.of(SELF));
    private static final long EVERY = 100;

    private final KvStateMachine live = KvStateMachine.open(MemoryEngine.inMemory(), ALONE);
    private final BatchQueue<Arrival> driverQueue = new BatchQueue<>(Integer.MAX_VALUE, Long.MAX_VALUE);
    private @Nullable RuntimeException failure;
    private int tries;
    private long lastIndex;
    private long nowNanos;

    private final SnapshotScheduler scheduler = new SnapshotScheduler(
            new SnapshotScheduler.Rules(EVERY, Long.MAX_VALUE, 0),
            0,
            this::make,
            () -> 0,
            driverQueue,
            Runnable::run,
            () -> nowNanos,
            new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));

    private SnapshotMetadata make(KvStateMachine state) {
        tries++;
        if (failure != null) {
            throw failure;
        }
        return new SnapshotMetadata(new EntryId(1, lastIndex), ALONE);
    }

    private void applied(long index) {
        lastIndex = index;
        scheduler.applied(new EntryId(1, index), live);
    }

    private int triesWithin(long seconds) {
        int before = tries;
        for (long i = 0; i < seconds * 10; i++) {
            nowNanos += TimeUnit.MILLISECONDS.toNanos(100);
            applied(lastIndex + EVERY);
        }
        return tries - before;
    }

    @Test
    @DisplayName("pitfall 58: a snapshot that finds no room is tried again, ever less often, until there is some")
    void aFullDiskPutsASnapshotOff() {
        failure = new DiskFullException(Path.of("/snapshots"), "write");
        applied(EVERY);
        assertThat(tries).isEqualTo(1);
        applied(10 * EVERY);
        assertThat(tries).as("not at once").isEqualTo(1);
        assertThat(triesWithin(60)).isBetween(3, 10);
        assertThat(triesWithin(600)).as("once a minute").isBetween(8, 12);
        assertThat(driverQueue.isEmpty()).as("the log is not cut").isTrue();
        failure = null;
        assertThat(triesWithin(61)).as("and then as ever").isGreaterThan(10);
        assertThat(driverQueue.isEmpty()).isFalse();
    }

    @Test
    @DisplayName("pitfall 58: an engine that has failed is no matter of room, and ends the process")
    void aFailedEngineEndsTheProcess() {
        failure = new EngineException("the disk is full, and so the database has failed");
        assertThatThrownBy(() -> applied(EVERY)).isSameAs(failure);
    }
}

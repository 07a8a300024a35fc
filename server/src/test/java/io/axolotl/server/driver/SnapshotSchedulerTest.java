package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.axolotl.raft.Input;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.disk.DiskFullException;
import io.axolotl.storage.engine.ClosedException;
import io.axolotl.storage.engine.EngineException;
import io.axolotl.storage.engine.MemoryEngine;
import io.axolotl.storage.snapshot.SnapshotDamagedException;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private boolean isFlushLost;
    private long lastIndex;
    private long nowNanos;
    private final List<Runnable> work = new ArrayList<>();
    private boolean isWorkerBusy;

    private SnapshotScheduler scheduler =
            scheduler(new SnapshotPolicy(EVERY, Long.MAX_VALUE, Long.MAX_VALUE, 0, Long.MAX_VALUE));

    private SnapshotScheduler scheduler(SnapshotPolicy policy) {
        return new SnapshotScheduler(
                policy,
                0,
                this::make,
                index -> 10 * Math.max(0, lastIndex - index),
                driverQueue,
                task -> {
                    if (isWorkerBusy) {
                        work.add(task);
                    } else {
                        task.run();
                    }
                },
                () -> nowNanos,
                new PipelineMetrics(new MetricRegistry(), SELF, Set.of()));
    }

    private List<Input> inputs() {
        List<Arrival> arrivals = new ArrayList<>();
        driverQueue.drainTo(arrivals);
        return arrivals.stream().map(each -> ((Arrival.OfCore) each).input()).toList();
    }

    private SnapshotMetadata make(KvStateMachine state) {
        tries++;
        if (failure != null) {
            throw failure;
        }
        if (!isFlushLost) {
            state.flush();
        }
        return new SnapshotMetadata(new EntryId(1, lastIndex), ALONE);
    }

    private void applied(long index) {
        applied(index, 0);
    }

    /** Says that entries through {@code index} were applied, each of which took so long. */
    private void applied(long index, long nanosEach) {
        int entries = (int) (index - lastIndex);
        lastIndex = index;
        scheduler.applied(new EntryId(1, index), live, entries, 10L * entries, nanosEach * entries);
    }

    /** Really applies them first. */
    private void fillAndApplied(long index) {
        for (long each = 1; each <= index; each++) {
            live.apply(List.of(Entry.noOp(new EntryId(1, each))));
        }
        applied(index);
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
    @DisplayName(
            "a snapshot is made when replaying what came since the last would take too long, at the rate that was measured")
    void aSnapshotIsDueByPredictedReplayTime() {
        scheduler = scheduler(new SnapshotPolicy(1_000_000, 1_000, Long.MAX_VALUE, 0, Long.MAX_VALUE));
        applied(9, 100);
        assertThat(tries).as("900 ns").isZero();
        applied(10, 100);
        assertThat(tries).as("1000 ns").isEqualTo(1);
        applied(12, 1_000);
        assertThat(tries).as("2 entries, at 250 ns each by now").isEqualTo(1);
        applied(15, 1_000);
        assertThat(tries).as("5 entries, at 400 ns each").isEqualTo(2);
    }

    @Test
    @DisplayName("a snapshot is made when what came since the last takes too much of the log, the tail not counted")
    void aSnapshotIsDueByBytesOfLog() {
        scheduler = scheduler(new SnapshotPolicy(1_000_000, Long.MAX_VALUE, 200, 1_000, 10_000));
        applied(19);
        assertThat(tries).isZero();
        applied(20);
        assertThat(tries).isEqualTo(1);
        applied(39);
        assertThat(tries).isEqualTo(1);
        applied(40);
        assertThat(tries).isEqualTo(2);
    }

    @Test
    @DisplayName("pitfall 46: the log is cut only after the snapshot is durable, and keeps a tail within both bounds")
    void theLogIsCutBehindADurableSnapshot() {
        scheduler = scheduler(new SnapshotPolicy(EVERY, Long.MAX_VALUE, Long.MAX_VALUE, 40, 300));
        isWorkerBusy = true;
        fillAndApplied(EVERY);
        assertThat(inputs()).as("nothing before it is made").isEmpty();
        work.remove(0).run();
        assertThat(inputs())
                .containsExactly(
                        new Input.SnapshotTaken(new SnapshotMetadata(new EntryId(1, EVERY), ALONE)),
                        new Input.LogTruncated(EVERY - 30));
    }

    @Test
    @DisplayName("pitfall 46: the log is never cut past what the state machine has flushed, whatever the snapshot says")
    void theLogIsNotCutPastTheFlushedState() {
        isFlushLost = true;
        fillAndApplied(EVERY);
        assertThat(inputs())
                .containsExactly(new Input.SnapshotTaken(new SnapshotMetadata(new EntryId(1, EVERY), ALONE)));
    }

    @Test
    @DisplayName("D13: a snapshot that a peer waits for is made though none is due, and once")
    void aSnapshotThatIsWantedIsMade() {
        applied(5);
        assertThat(tries).isZero();
        isWorkerBusy = true;
        scheduler.wanted(new EntryId(1, 5), live);
        assertThat(work).hasSize(1);
        work.remove(0).run();
        assertThat(tries).isEqualTo(1);
        applied(6);
        assertThat(work).as("that was all").isEmpty();
    }

    @Test
    @DisplayName(
            "pitfall 44: a damaged snapshot that is still being read is replaced later, and does not stop the node")
    void aSnapshotThatCannotBeReplacedYetIsPutOff() {
        failure = new SnapshotDamagedException(Path.of("/snapshots/1"), "it is still being read", "Wait.");
        applied(5);
        scheduler.wanted(new EntryId(1, 5), live);
        assertThat(tries).isEqualTo(1);
        failure = null;
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        scheduler.wanted(new EntryId(1, 5), live);
        assertThat(tries).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "P16: a snapshot of a state that is closed meanwhile, for this server stops or another snapshot has taken its place, is given up, and nothing ends")
    void aSnapshotOfAClosedStateIsGivenUp() {
        failure = new ClosedException("the state machine is closed");
        applied(EVERY);
        assertThat(tries).isEqualTo(1);
        assertThat(inputs()).isEmpty();
        assertThat(scheduler.isIdle()).isTrue();
    }

    @Test
    @DisplayName("pitfall 58: an engine that has failed is no matter of room, and ends the process")
    void aFailedEngineEndsTheProcess() {
        failure = new EngineException("the disk is full, and so the database has failed");
        assertThatThrownBy(() -> applied(EVERY)).isSameAs(failure);
    }
}

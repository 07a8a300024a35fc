package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.recovery.RecoveredState;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.statemachine.KvStateMachine;
import io.axolotl.storage.statemachine.Roster;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Driver, log writer and applier with what they share, wired to each other, without a thread: {@link Pipeline} gives them
 * theirs, tests run them turn by turn.
 *
 * <p>The parts say for themselves whose they are.
 */
final class Stages {
    /** A member that falls this far behind with applying takes no proposals, as etcd's does not. */
    private static final long MAX_APPLY_LAG_ENTRIES = 5_000;

    /** Numbers count up from a random start, so that those of an earlier life of this member are not met again. */
    private static final int COUNTER_BITS = 40;

    final ProposalRegistry proposals;
    final LinearizableReads reads;
    final DiskWatch diskWatch;
    final LogWriter logWriter;
    final Applier applier;
    final TokenRelay tokens;
    final RaftDriver driver;
    final RosterWatch rosters;

    /** Null if nobody watches the disk. */
    final @Nullable DiskSpace space;

    /**
     * What the stages stand on.
     *
     * @param worker does what takes long, beside the pipeline
     * @param clock monotonic, as {@code System.nanoTime} or ahead of it
     * @param onNewSegment called when the log has gone on to another file, or there is room for one that there was not
     * @param onReplaced called when a snapshot has taken the place of a state, which waits to be closed
     * @param vouched told, by a leader, what each member has acknowledged that is committed; must not block
     * @param onRoster told of every change of who belongs to the cluster, on the apply thread
     * @param cores makes the core
     */
    record Ground(
            PeerTransport transport,
            Intake intake,
            PipelineMetrics metrics,
            Executor worker,
            RandomGenerator random,
            LongSupplier clock,
            Runnable onNewSegment,
            Runnable onReplaced,
            ObjLongConsumer<NodeId> vouched,
            Consumer<Roster> onRoster,
            Core.Maker cores) {}

    /** @throws IllegalArgumentException if the recovered pieces do not fit together */
    Stages(RecoveredState recovered, RaftConfig raft, Tuning tuning, Ground ground) {
        NodeId self = recovered.identity().memberId();
        KvStateMachine state = recovered.stateMachine();
        PipelineMetrics metrics = ground.metrics;
        var queue = ground.intake.queue();
        long timeoutNanos = requestTimeoutNanos(raft);
        TimeoutCause timeoutCause =
                new TimeoutCause(self, state.membership(), ground.transport, raft.electionTimeoutNanos());
        this.proposals = new ProposalRegistry(
                self,
                ground.random.nextLong() << COUNTER_BITS,
                new ProposalRegistry.Limits(
                        tuning.maxPendingProposals(),
                        tuning.maxPendingBytes(),
                        MAX_APPLY_LAG_ENTRIES,
                        tuning.maxPayloadBytes(),
                        timeoutNanos),
                queue,
                ground.transport,
                timeoutCause,
                this::applyLagEntries,
                this::hasNoRoomForPayload,
                ground.clock,
                metrics);
        this.diskWatch = new DiskWatch(queue, ground.clock, tuning.isLogWriterFused());
        this.logWriter = new LogWriter(
                recovered.wal(),
                recovered.hardStateFile(),
                ground.transport,
                queue,
                ground.onNewSegment,
                diskWatch,
                metrics);
        SnapshotScheduler snapshots = new SnapshotScheduler(
                tuning.snapshots(),
                recovered.snapshot().last().index(),
                recovered.liveState()::makeSnapshot,
                recovered.wal()::bytesAfter,
                queue,
                ground.worker,
                ground.clock,
                metrics);
        this.rosters = new RosterWatch(state.roster(), ground.onRoster);
        DivergenceGuard guard = new DivergenceGuard(
                self,
                DivergenceGuard.Rules.DEFAULT,
                tuning.acceptedHistory(),
                ground.transport,
                snapshots,
                new DivergenceGuard.Cluster(
                        this::view,
                        command -> proposals.propose(Caller.MEMBER, command, result -> {}),
                        this::handOverTo),
                ground.clock,
                metrics);
        this.tokens = new TokenRelay(recovered.wal().last().index());
        this.applier = new Applier(
                state,
                proposals,
                recovered.liveState(),
                snapshots,
                logWriter,
                recovered.wal(),
                guard,
                queue,
                rosters,
                tokens,
                ground.onReplaced,
                ground.worker,
                ground.clock,
                metrics);
        this.reads = new LinearizableReads(
                applier::answerReads,
                timeoutCause,
                ground.random.nextLong() << COUNTER_BITS,
                timeoutNanos,
                ground.clock.getAsLong(),
                metrics);
        Core node = ground.cores.make(new Core.Start(
                self,
                raft,
                minimumNanos -> minimumNanos + ground.random.nextLong(minimumNanos),
                recovered.hardState(),
                recovered.snapshot(),
                new MeteredLogReader(recovered.wal(), metrics::logRead),
                state.applied().index(),
                recovered.embargo(),
                ground.clock.getAsLong()));
        metrics.embargo(recovered.embargo() != null);
        this.driver = new RaftDriver(
                node,
                queue,
                new ReadyRunner(ground.transport, logWriter, applier),
                logWriter,
                proposals,
                reads,
                new LeaderMoves(2 * raft.electionTimeoutNanos()),
                applier::historyArrived,
                diskWatch,
                rosters,
                ground.vouched,
                timeoutCause,
                new TraceLog(self),
                () -> ground.worker.execute(recovered::lossIsMadeUp),
                metrics,
                applier::answeredIndex,
                ground.clock,
                raft.heartbeatIntervalNanos());
        this.space = tuning.reserveBytes() == 0
                ? null
                : new DiskSpace(
                        recovered.folder().reserve(tuning.reserveBytes()),
                        new DiskSpace.Member(
                                this::view, this::handOverTo, ground.intake::refuseEntries, ground.onNewSegment),
                        ground.clock,
                        metrics);
        if (space != null) {
            metrics.registerDiskSpace();
        }
    }

    /** How long a caller waits at most: 5 s and two elections, as etcd has it. */
    static long requestTimeoutNanos(RaftConfig raft) {
        return TimeUnit.SECONDS.toNanos(5) + 2 * raft.electionTimeoutNanos();
    }

    /** Whether there is no room for what this command would add. */
    boolean hasNoRoomFor(Command command) {
        return space != null && space.refuses(command);
    }

    private boolean hasNoRoomForPayload(byte[] payload) {
        return space != null
                && space.isShort()
                && space.refuses(CommandCodec.decode(payload).command());
    }

    private NodeView view() {
        return driver.view();
    }

    private void handOverTo(NodeId target) {
        driver.handOver(target);
    }

    private long applyLagEntries() {
        return Math.max(0, driver.view().commitIndex() - applier.appliedIndex());
    }

    /** Answers all who still wait. To be called when none of the stages runs any more. */
    void settle() {
        proposals.settle();
        reads.settle();
        driver.settle();
    }
}

package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.Ready;
import io.axolotl.raft.TraceEvent;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.Stage;
import io.axolotl.server.stage.Waker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The loop that owns the {@link Core}. Each turn: tell it the time, step everything that has arrived, let it judge its
 * deadlines, take one {@link Ready}, and give each part of it to whoever does it. So everything that arrived while the last turn ran shares one
 * append, one message per follower, one sync.
 *
 * <p>Deadlines come after arrivals. When this loop was held up, what the others said meanwhile has arrived, and a leader
 * that looked at the clock first would miss a quorum whose answers lie in its hands, a follower a leader whose heartbeat
 * does. But the clock is set before, so that what the arrivals set off counts from now. A gap between two ticks is a pause
 * all the same, whatever has arrived in it (pitfall 23).
 *
 * <p>Waits for nobody who writes (pitfall 24): syncs, network and state machine work elsewhere, and their completions come
 * back as inputs. One thing does go to the disk here: entries that the core's cache no longer holds are read from the log,
 * for a follower that lags and for what is applied after a start. They come in pieces bounded in bytes, mostly from the
 * page cache, and {@link MeteredLogReader} says how long that took.
 *
 * <p>{@link #view} and {@link #move} are safe for all threads; the rest is confined to the driver thread.
 */
final class RaftDriver implements Stage {
    private static final long LONGEST_PARK_NANOS = 10_000_000L;
    private static final long SHORTEST_PARK_NANOS = 1_000_000L;

    /** How old a view may be when nothing worth telling has happened. */
    private static final long VIEW_AGE_NANOS = 10_000_000L;

    private final Core node;
    private final BatchQueue<Arrival> queue;
    private final ReadyRunner runner;
    private final LogWriter logWriter;
    private final ProposalRegistry proposals;
    private final LinearizableReads reads;
    private final LeaderMoves moves;
    private final Consumer<Arrival.OfHistory> histories;
    private final DiskWatch diskWatch;
    private final RosterWatch rosters;
    private final MembershipKeeper keeper;
    private final ObjLongConsumer<NodeId> vouched;
    private final TimeoutCause timeoutCause;
    private final TraceLog traceLog;
    private final Runnable onEmbargoLifted;
    private final PipelineMetrics metrics;
    private final LongSupplier answeredIndex;
    private final LongSupplier clock;
    private final long tickNanos;

    private final List<Arrival> arrivals = new ArrayList<>();
    private final ProposalRegistry.Stepper stepPropose;

    private long currentTerm;
    private @Nullable NodeId leader;
    private long lastCommittedTerm;
    private long appliedIndex;

    /** First entries of terms that are committed but not yet known to be applied, oldest first. */
    private final ArrayDeque<io.axolotl.raft.log.EntryId> firstOfTerms = new ArrayDeque<>();

    private volatile NodeView view;
    private long viewNanos;
    private boolean isViewOld;
    private volatile boolean isSettled;

    RaftDriver(
            Core node,
            BatchQueue<Arrival> queue,
            ReadyRunner runner,
            LogWriter logWriter,
            ProposalRegistry proposals,
            LinearizableReads reads,
            LeaderMoves moves,
            Consumer<Arrival.OfHistory> histories,
            DiskWatch diskWatch,
            RosterWatch rosters,
            ObjLongConsumer<NodeId> vouched,
            TimeoutCause timeoutCause,
            TraceLog traceLog,
            Runnable onEmbargoLifted,
            PipelineMetrics metrics,
            LongSupplier answeredIndex,
            LongSupplier clock,
            long heartbeatIntervalNanos) {
        this.node = node;
        this.queue = queue;
        this.runner = runner;
        this.logWriter = logWriter;
        this.proposals = proposals;
        this.reads = reads;
        this.moves = moves;
        this.histories = histories;
        this.diskWatch = diskWatch;
        this.rosters = rosters;
        this.vouched = vouched;
        this.keeper = new MembershipKeeper(rosters, clock.getAsLong());
        this.timeoutCause = timeoutCause;
        this.traceLog = traceLog;
        this.onEmbargoLifted = onEmbargoLifted;
        this.metrics = metrics;
        this.answeredIndex = answeredIndex;
        this.clock = clock;
        this.tickNanos = Math.max(SHORTEST_PARK_NANOS, Math.min(LONGEST_PARK_NANOS, heartbeatIntervalNanos / 10));
        this.stepPropose = (id, payload) -> node.step(new Input.Propose(id, payload));
        this.view = node.view();
        this.currentTerm = view.term();
        this.appliedIndex = view.appliedIndex();
        this.viewNanos = clock.getAsLong();
    }

    NodeView view() {
        return view;
    }

    @Override
    public void wakes(Waker waker) {
        queue.wakes(waker);
        reads.wakes(waker);
    }

    @Override
    public long maxParkNanos() {
        return Math.min(tickNanos, reads.maxParkNanos());
    }

    @Override
    public boolean runOnce() {
        long arrivedNanos = queue.drainTo(arrivals);
        long nowNanos = clock.getAsLong();
        diskWatch.turn(nowNanos);
        if (!arrivals.isEmpty()) {
            metrics.queueWaited(Math.max(0, nowNanos - arrivedNanos));
        }
        if (!arrivals.isEmpty()) {
            node.step(new Input.Clock(nowNanos));
        }
        takeApplied(nowNanos);
        for (Arrival arrival : arrivals) {
            take(arrival, nowNanos);
        }
        diskWatch.lookAtRunning(node::step);
        node.step(new Input.Tick(nowNanos));
        proposals.step(nowNanos, stepPropose);
        keepMembership(nowNanos);
        reads.step(nowNanos, id -> node.step(new Input.ReadIndex(id)));
        Ready ready = node.takeReady();
        run(ready, nowNanos);
        publishView(nowNanos, !arrivals.isEmpty(), ready);
        boolean wasBusy = !arrivals.isEmpty();
        arrivals.clear();
        return wasBusy;
    }

    private void keepMembership(long nowNanos) {
        rosters.expire(nowNanos);
        if (keeper.isIdle(nowNanos)) {
            return;
        }
        NodeView now = node.view();
        boolean hasAppliedOwnTerm = lastCommittedTerm == now.term() && firstOfTerms.isEmpty();
        keeper.step(now, hasAppliedOwnTerm, nowNanos, change -> {
            proposals.steppedElsewhere(change.proposalId());
            node.step(change);
        });
    }

    private void take(Arrival arrival, long nowNanos) {
        if (arrival instanceof Proposal proposal) {
            proposals.arrived(proposal);
        } else if (arrival instanceof Arrival.OfCore ofCore) {
            take(ofCore.input());
        } else if (arrival instanceof Arrival.Synced sync) {
            diskWatch.synced(sync, node::step);
        } else if (arrival instanceof Arrival.Forwarded forwarded) {
            proposals.forwarded(forwarded.from(), forwarded.forward(), currentTerm, stepPropose);
        } else if (arrival instanceof Arrival.ForwardTurnedAway turnedAway) {
            proposals.turnAway(turnedAway.from(), turnedAway.refusal());
        } else if (arrival instanceof Arrival.ForwardAnswered answered) {
            proposals.forwardRefused(answered.from(), answered.refused());
            if (answered.refused().term() < currentTerm) {
                // Whoever leads now may take them at once.
                proposals.leaderKnown(nowNanos);
            }
        } else if (arrival instanceof Arrival.SnapshotWanted) {
            runner.makeSnapshot();
        } else if (arrival instanceof Arrival.OfHistory history) {
            histories.accept(history);
        } else if (arrival instanceof Arrival.Move move) {
            moves.begin(move, node.view(), nowNanos, target -> node.step(new Input.TransferLeadership(target)));
        } else {
            throw new AssertionError("no rule for arrival " + arrival);
        }
    }

    private void take(Input input) {
        node.step(input);
        if (input instanceof Input.LogTruncated truncated
                && truncated.index() <= node.logPrevious().index()) {
            // Only now: until this step the core might have read what is about to go. And only if it has let go of it:
            // while
            // a snapshot is being installed it does not.
            logWriter.addTruncatePrefix(truncated.index());
        }
    }

    /**
     * Before the arrivals, among which may be a snapshot that took the place of what was applied. Nothing wakes this
     * loop for it: the core's window is far larger than what is applied between two ticks.
     */
    private void takeApplied(long nowNanos) {
        long index = answeredIndex.getAsLong();
        if (index > appliedIndex) {
            appliedIndex = index;
            node.step(new Input.Applied(index));
            tellWhatIsLost(index, nowNanos);
        }
    }

    private void tellWhatIsLost(long appliedIndex, long nowNanos) {
        while (!firstOfTerms.isEmpty() && firstOfTerms.peek().index() <= appliedIndex) {
            proposals.appliedFirstOf(firstOfTerms.remove().term());
            proposals.leaderKnown(nowNanos);
        }
    }

    private void run(Ready ready, long nowNanos) {
        runner.run(ready);
        if (ready.hardState() != null) {
            currentTerm = ready.hardState().term();
        }
        if (ready.snapshotToInstall() != null) {
            proposals.snapshotInstalled();
        }
        for (Entry entry : ready.committed()) {
            if (entry.term() > lastCommittedTerm) {
                lastCommittedTerm = entry.term();
                firstOfTerms.add(entry.id());
            }
        }
        if (!ready.readStates().isEmpty()) {
            // A leased read holds only if the lease does now: this loop may have been held up since it took the time.
            reads.states(ready.readStates(), nowNanos, clock.getAsLong());
        }
        proposals.outcomes(ready.proposalOutcomes(), currentTerm);
        keeper.outcomes(ready.proposalOutcomes());
        traceLog.write(ready.trace());
    }

    private void publishView(long nowNanos, boolean hadArrivals, Ready ready) {
        isViewOld |= hadArrivals;
        boolean isNews = false;
        for (TraceEvent event : ready.trace()) {
            if (event instanceof TraceEvent.EmbargoLifted) {
                metrics.embargo(false);
                onEmbargoLifted.run();
            }
            isNews |= event instanceof TraceEvent.RoleChanged
                    || event instanceof TraceEvent.LeaderKnown
                    || event instanceof TraceEvent.TermAdopted
                    || event instanceof TraceEvent.SteppedDown
                    || event instanceof TraceEvent.TransferEnded
                    // Whoever was told that a change is done finds it in the view.
                    || event instanceof TraceEvent.MembershipAppended
                    || event instanceof TraceEvent.MembershipRolledBack;
        }
        if (!isNews && !(isViewOld && nowNanos - viewNanos >= VIEW_AGE_NANOS) && moves.isIdle()) {
            return;
        }
        NodeView now = node.view();
        view = now;
        viewNanos = nowNanos;
        isViewOld = false;
        moves.look(now, nowNanos);
        // Acknowledged to this leader and committed: nothing may take that from the member's log any more.
        for (NodeView.PeerView peer : now.peers()) {
            vouched.accept(peer.peer(), Math.min(peer.matchIndex(), now.commitIndex()));
        }
        timeoutCause.membershipIs(now.membership());
        if (!Objects.equals(leader, now.leader())) {
            timeoutCause.leaderIs(now.leader(), nowNanos);
            leader = now.leader();
            if (leader != null) {
                metrics.leaderChanged();
                proposals.leaderKnown(nowNanos);
                reads.leaderKnown(nowNanos);
            }
        }
    }

    /** Ends what waits for this loop. To be called when it has ended. */
    void settle() {
        moves.settle(NodeService.Failure.STOPPED);
        rosters.settle(NodeService.Failure.STOPPED);
        isSettled = true;
        refuseQueuedMoves();
    }

    /** Queues a hand-over that this node itself wants, whatever waits already. Safe for all threads. */
    void handOver(NodeId target) {
        queue.add(new Arrival.Move(target, failure -> {}), 0);
    }

    /** Queues a hand-over of leadership, unless too much waits already. Safe for all threads. */
    void move(Arrival.Move move) {
        if (!queue.offer(move, 0)) {
            move.callback().on(NodeService.Failure.TOO_MANY_REQUESTS);
        } else if (isSettled) {
            refuseQueuedMoves();
        }
    }

    private void refuseQueuedMoves() {
        List<Arrival> left = new ArrayList<>();
        queue.drainTo(left);
        for (Arrival arrival : left) {
            if (arrival instanceof Arrival.Move move) {
                move.callback().on(NodeService.Failure.STOPPED);
            }
        }
    }
}

package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One member of a Raft group: the only door to the core. Step inputs into it, as many as have arrived, then take one
 * {@link Ready} and do what it asks for.
 *
 * <p>What is decided here, before the role is asked, is what holds in every role: the rule of terms (a higher term is
 * adopted, a lower one is answered with ours), votes, and the completions of disk and state machine.
 *
 * <p>A step may throw {@link IllegalArgumentException} if the caller broke the contract of an input, and {@link
 * AssertionError} if an invariant of the protocol is broken. After either the state is not to be trusted: the process
 * stops. Confined to the driver thread.
 */
public final class RaftNode {
    private final NodeState state;
    private final Outbox out = new Outbox();
    private final Invariants invariants = new Invariants();
    private Role role;

    /** When deadlines were judged last. */
    private long tickedNanos;

    /**
     * Starts as a follower of nobody. The log's entries after the applied index wait until a leader commits them.
     *
     * @param hardState as found on disk, {@link HardState#INITIAL} at the first start
     * @param snapshot the newest durable snapshot; at the first start {@link EntryId#ZERO} with the initial membership. A
     *     node that joins a cluster is given one that does not name it: until the log says that it is a member, it is none
     * @param log all that it holds is durable; it must meet the snapshot
     * @param appliedIndex what the state machine holds
     * @throws IllegalArgumentException if the recovered pieces do not fit together, with what to do about it
     */
    public RaftNode(
            NodeId self,
            RaftConfig config,
            ElectionTimeouts timeouts,
            HardState hardState,
            SnapshotMetadata snapshot,
            LogReader log,
            long appliedIndex,
            long nowNanos) {
        this(self, config, timeouts, hardState, snapshot, log, appliedIndex, null, nowNanos);
    }

    /**
     * As the other one, for a node whose log may have been damaged.
     *
     * @param embargo null if all is well; else the remembered term must be after {@link VoteEmbargo#throughTerm}
     */
    public RaftNode(
            NodeId self,
            RaftConfig config,
            ElectionTimeouts timeouts,
            HardState hardState,
            SnapshotMetadata snapshot,
            LogReader log,
            long appliedIndex,
            @Nullable VoteEmbargo embargo,
            long nowNanos) {
        state = new NodeState(self, config, timeouts, hardState, snapshot, log, appliedIndex, embargo, nowNanos);
        tickedNanos = nowNanos;
        role = Follower.waiting(state.drawElectionDeadlineNanos(), state);
        state.liftEmbargo(out);
        invariants.check(state, role);
    }

    /** Takes one input. What follows from it is in the next {@link #takeReady}. */
    public void step(Input input) {
        if (input instanceof Input.Receive receive) {
            receive(receive.from(), receive.message());
        } else if (input instanceof Input.Propose proposal) {
            role.propose(proposal, state, out);
        } else if (input instanceof Input.Persisted persisted) {
            persisted(persisted.token());
        } else if (input instanceof Input.Applied applied) {
            state.applying().applied(applied.index());
        } else if (input instanceof Input.ReadIndex read) {
            role.readIndex(read.readId(), state, out);
        } else if (input instanceof Input.Clock clock) {
            advanceTime(clock.nowNanos());
        } else if (input instanceof Input.Tick tick) {
            tick(tick.nowNanos());
        } else if (input instanceof Input.TransferLeadership transfer) {
            role.transferLeadership(transfer.target(), state, out);
        } else if (input instanceof Input.ChangeMembership change) {
            role.changeMembership(change, state, out);
        } else if (input instanceof Input.SnapshotTaken taken) {
            state.snapshotTaken(taken.snapshot());
        } else if (input instanceof Input.LogTruncated truncated) {
            state.logTruncated(truncated.index());
        } else if (input instanceof Input.SnapshotInstalled installed) {
            snapshotInstalled(installed.snapshot());
        } else if (input instanceof Input.SnapshotFailed failed) {
            role.snapshotFailed(failed.peer(), state, out);
        } else if (input instanceof Input.PeerUnreachable unreachable) {
            role.peerUnreachable(unreachable.peer(), state, out);
        } else if (input instanceof Input.PeerGone gone) {
            if (state.hearsOfTheEndOf(gone.peer(), out)) {
                role.leaderGone(state, out);
            }
        } else if (input instanceof Input.Reachable reachable) {
            if (role instanceof Follower follower) {
                follower.reachable(reachable.withinNanos(), state);
            }
        } else if (input instanceof Input.SyncObserved sync) {
            state.syncObserved(sync, out);
        } else {
            throw new AssertionError("no rule for input " + input);
        }
        invariants.check(state, role);
    }

    /** Whether {@link #takeReady} has anything to give. May be true for a {@link Ready} that turns out to be empty. */
    public boolean hasReady() {
        return !out.isEmpty()
                || role.wantsFlush()
                || state.log().hasUnpersisted()
                || state.hasInstallToGive()
                || state.durable().isOutdated(state.term(), state.votedFor())
                || lastToApply() > state.applying().givenIndex();
    }

    /** Gives out everything that the steps since the last call have brought about. */
    public Ready takeReady() {
        role.flush(state, out);
        HardState hardState = takeHardState();
        List<Entry> entries = state.log().takeUnpersisted();
        PersistToken token = takeToken(hardState != null || !entries.isEmpty());
        Ready ready = new Ready(
                hardState,
                entries,
                state.takeInstall(),
                token,
                out.takeSendNow(),
                out.takeSendAfterPersist(),
                takeCommitted(),
                out.takeReadStates(),
                out.takeProposalOutcomes(),
                out.takeTrace());
        invariants.check(state, role);
        return ready;
    }

    /** What the log is cut through: the core never again reads entries up to here. */
    public EntryId logPrevious() {
        return state.log().previous();
    }

    /** A look inside, to keep. */
    public NodeView view() {
        RaftLog log = state.log();
        // While a snapshot is being installed the log on disk may be gone already, before this node is told.
        EntryId first = state.installing() == null ? log.first() : EntryId.ZERO;
        return new NodeView(
                state.self(),
                role.name(),
                state.term(),
                state.votedFor(),
                state.leader(),
                first,
                log.last(),
                log.durableIndex(),
                log.commitIndex(),
                state.applying().appliedIndex(),
                state.membership(),
                state.membershipIndex(),
                state.removedIndex(),
                role.transferTarget(),
                role.peers());
    }

    // What a Ready is made of

    private @Nullable HardState takeHardState() {
        if (!state.durable().isOutdated(state.term(), state.votedFor())) {
            return null;
        }
        state.durable().given(state.term(), state.votedFor());
        // Not the commit index itself: after a crash the log might end with entries that what is committed was about to
        // replace, and they would be taken for committed.
        long commitIndex = Math.min(state.log().commitIndex(), state.log().durableIndex());
        return new HardState(state.term(), state.votedFor(), commitIndex);
    }

    private @Nullable PersistToken takeToken(boolean hasWrites) {
        if (!hasWrites && !state.durable().isAwaiting()) {
            out.releasePromises();
        }
        if (!hasWrites && !out.holdsPromises()) {
            return null;
        }
        PersistToken token = new PersistToken(
                state.log().epoch(), state.term(), state.votedFor(), state.log().last());
        state.durable().given(token);
        return token;
    }

    /** Never past what is durable here, or the state machine could outrun the log that has to explain it after a crash. */
    private long lastToApply() {
        if (state.installing() != null || state.applying().roomBytes() <= 0) {
            return state.applying().givenIndex();
        }
        return Math.min(state.log().commitIndex(), state.log().durableIndex());
    }

    private List<Entry> takeCommitted() {
        long from = state.applying().givenIndex() + 1;
        long to = lastToApply();
        if (from > to) {
            return List.of();
        }
        List<Entry> entries = state.log()
                .entries(from, to, Integer.MAX_VALUE, state.applying().roomBytes());
        state.applying().given(entries);
        return entries;
    }

    // Inputs that concern every role

    private void advanceTime(long nowNanos) {
        long sinceNanos = nowNanos - state.nowNanos();
        if (sinceNanos < 0) {
            throw new IllegalArgumentException("time went back by " + -sinceNanos + " ns: use a monotonic clock");
        }
        state.advanceTime(nowNanos);
    }

    private void tick(long nowNanos) {
        advanceTime(nowNanos);
        long sinceNanos = nowNanos - tickedNanos;
        tickedNanos = nowNanos;
        if (sinceNanos > state.config().electionTimeoutNanos()) {
            out.trace(new TraceEvent.PauseDetected(sinceNanos));
            enter(role.woke(state, out));
        } else {
            enter(role.tick(state, out));
        }
    }

    private void persisted(PersistToken token) {
        state.durable().persisted(token);
        state.log().persisted(token.logEpoch(), token.lastEntry());
        state.liftEmbargo(out);
        enter(role.persisted(state, out));
    }

    private void snapshotInstalled(SnapshotMetadata snapshot) {
        state.installed(snapshot, out);
        state.liftEmbargo(out);
        if (!(role instanceof Follower follower)) {
            throw new AssertionError("a " + role.name().word() + " has installed a snapshot");
        }
        follower.snapshotInstalled(state, out);
    }

    // Messages

    private void receive(NodeId from, Message message) {
        if (state.isSelf(from)) {
            throw new IllegalArgumentException("a message from this node to itself: " + message);
        }
        // Votes first: whether their higher term is adopted depends on more than the term.
        if (message instanceof Message.PreVote request) {
            answerPreVote(from, request);
        } else if (message instanceof Message.RequestVote request) {
            answerVote(from, request);
        } else if (message instanceof Message.PreVoteResponse response
                && (response.isGranted() || response.term() <= state.term())) {
            enter(role.preVoteAnswered(from, response, state, out));
        } else if (message.term() < state.term()) {
            answerStale(from, message);
        } else {
            if (message.term() > state.term()) {
                if (!isOfLeader(message) && !state.membership().contains(from)) {
                    // It may have campaigned on and on since it was removed; the members would follow its term.
                    out.trace(new TraceEvent.MessageIgnored(
                            from, message.getClass().getSimpleName(), "of a higher term, but from no member"));
                    return;
                }
                adoptTerm(message.term(), from);
            }
            receiveOfOwnTerm(from, message);
        }
    }

    /** Whether only the leader of a term says so: it has been elected, so its word counts whether it is known here or not. */
    private static boolean isOfLeader(Message message) {
        return message instanceof Message.AppendEntries
                || message instanceof Message.Heartbeat
                || message instanceof Message.CommitNotice
                || message instanceof Message.InstallSnapshot
                || message instanceof Message.TimeoutNow;
    }

    private void receiveOfOwnTerm(NodeId from, Message message) {
        if (message instanceof Message.AppendEntries request) {
            followed(from).appendEntries(from, request, state, out);
        } else if (message instanceof Message.AppendEntriesResponse response) {
            enter(role.appendAnswered(from, response, state, out));
        } else if (message instanceof Message.Heartbeat heartbeat) {
            followed(from).heartbeat(from, heartbeat, state, out);
        } else if (message instanceof Message.CommitNotice notice) {
            followed(from).learnCommit(notice.commitIndex(), state, out);
        } else if (message instanceof Message.HeartbeatResponse response) {
            enter(role.heartbeatAnswered(from, response, state, out));
        } else if (message instanceof Message.RequestVoteResponse response) {
            enter(role.voteAnswered(from, response, state, out));
        } else if (message instanceof Message.PreVoteResponse response) {
            enter(role.preVoteAnswered(from, response, state, out));
        } else if (message instanceof Message.ReadIndexRequest request) {
            enter(role.readIndexAsked(from, request, state, out));
        } else if (message instanceof Message.ReadIndexResponse response) {
            enter(role.readIndexAnswered(from, response, state, out));
        } else if (message instanceof Message.InstallSnapshot request) {
            followed(from).installSnapshot(from, request, state, out);
        } else if (message instanceof Message.InstallSnapshotResponse response) {
            enter(role.installAnswered(from, response, state, out));
        } else if (message instanceof Message.TimeoutNow) {
            enter(followed(from).timeoutNow(from, state, out));
        } else {
            throw new AssertionError("no rule for message " + message);
        }
    }

    /** Only the leader of a term sends what is being received: whatever we are, we follow it. */
    private Follower followed(NodeId leader) {
        Follower follower = role.follow(leader, state, out);
        enter(follower);
        return follower;
    }

    private void adoptTerm(long higher, NodeId because) {
        out.trace(new TraceEvent.TermAdopted(state.term(), higher, because));
        // The deadline stays: hearing of a higher term is not hearing from a leader.
        long deadlineNanos = role.electionDeadlineNanos(state);
        role.leave(state, out, "node " + because + " is in term " + higher);
        state.advanceTerm(higher);
        become(Follower.waiting(deadlineNanos, state));
    }

    /**
     * Whoever is behind learns our term by the answer: a leader steps down, a candidate asks again in a higher term. It says nothing
     * else: the sender may lead in our term again by the time the answer comes, and the read rounds, epochs and indexes of one
     * leadership mean something else in the next (pitfalls 28, 61).
     */
    private void answerStale(NodeId from, Message message) {
        out.trace(new TraceEvent.MessageIgnored(
                from, message.getClass().getSimpleName(), "of term " + message.term() + ", ours is " + state.term()));
        if (message instanceof Message.AppendEntries
                || message instanceof Message.Heartbeat
                || message instanceof Message.InstallSnapshot) {
            out.send(
                    from,
                    new Message.HeartbeatResponse(state.term(), 0, state.log().lastIndex(), state.reluctance()));
        }
    }

    // Votes

    private void answerPreVote(NodeId from, Message.PreVote request) {
        VoteRule.Verdict verdict = preVote(from, request);
        if (request.isEarly() && verdict.isGranted()) {
            if (role instanceof PreCandidate rival && !rival.hasWaitedOut()) {
                enter(Follower.waiting(role.electionDeadlineNanos(state), state));
            } else if (role instanceof Follower follower) {
                follower.yieldEarly();
            }
        }
        out.trace(new TraceEvent.VoteAnswered(from, request.term(), true, verdict.isGranted(), verdict.reason()));
        out.send(
                from,
                new Message.PreVoteResponse(verdict.isGranted() ? request.term() : state.term(), verdict.isGranted()));
    }

    private VoteRule.Verdict preVote(NodeId from, Message.PreVote request) {
        if (role.withholdsVotes(state)) {
            return withheld();
        }
        if (state.isBoundByLease()) {
            return boundByLease();
        }
        if (request.isEarly() && !state.isLeaderGone() && !role.hasWaitedOut()) {
            return VoteRule.Verdict.refused("nothing here says that the leader has ended");
        }
        if (request.isEarly()
                && role instanceof PreCandidate rival
                && !rival.hasWaitedOut()
                && !rival.givesWayTo(from, request.last(), state)) {
            return VoteRule.Verdict.refused("asks for the same itself, with a better claim");
        }
        return unlessEmbargoed(
                request.last(),
                VoteRule.preVote(
                        request.term(),
                        request.last(),
                        state.membership().contains(from),
                        state.term(),
                        state.log().last()));
    }

    private void answerVote(NodeId from, Message.RequestVote request) {
        VoteRule.Verdict verdict;
        if (request.term() < state.term()) {
            verdict = VoteRule.Verdict.refused("already in term " + state.term());
        } else if (!request.isTransfer() && role.withholdsVotes(state)) {
            // Not even the term is adopted, or a node that was cut off would unseat the leader by coming back.
            verdict = withheld();
        } else if (!request.isTransfer() && state.isBoundByLease()) {
            verdict = boundByLease();
        } else {
            if (request.term() > state.term()) {
                adoptTerm(request.term(), from);
            }
            verdict = unlessEmbargoed(
                    request.last(),
                    VoteRule.vote(
                            from,
                            request.last(),
                            state.votedFor(),
                            state.leader(),
                            state.log().last()));
        }
        out.trace(new TraceEvent.VoteAnswered(from, request.term(), false, verdict.isGranted(), verdict.reason()));
        if (!verdict.isGranted()) {
            out.send(from, new Message.RequestVoteResponse(state.term(), false));
            return;
        }
        state.voteFor(from);
        if (role instanceof Follower follower) {
            follower.rearm(state);
        } else {
            enter(Follower.waiting(state.drawElectionDeadlineNanos(), state));
        }
        out.sendAfterPersist(from, new Message.RequestVoteResponse(state.term(), true));
    }

    private VoteRule.Verdict withheld() {
        return VoteRule.Verdict.refused("leader " + state.leader() + " is alive");
    }

    /** The verdict, unless this node cannot vouch for its log and so must not give the vote (pitfall 56). */
    private VoteRule.Verdict unlessEmbargoed(EntryId candidateLast, VoteRule.Verdict verdict) {
        VoteEmbargo embargo = state.embargo();
        String objection = embargo == null ? null : embargo.objection(candidateLast);
        return objection == null ? verdict : VoteRule.Verdict.refused(objection);
    }

    private static VoteRule.Verdict boundByLease() {
        return VoteRule.Verdict.refused("a lease for reads may still rest on the vote of this node");
    }

    // Roles

    private void enter(Role next) {
        if (next == role) {
            return;
        }
        role.leave(state, out, role.endReason());
        become(next);
    }

    private void become(Role next) {
        Role before = role;
        role = next;
        if (before.name() != next.name()) {
            out.trace(new TraceEvent.RoleChanged(before.name(), next.name(), state.term(), state.leader()));
        }
    }
}

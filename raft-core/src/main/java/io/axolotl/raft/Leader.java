package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.replication.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes proposals, replicates them, and knows what is committed (Raft §5.3, §5.4, §8).
 *
 * <p>Its own copy of an entry counts from the moment its own disk has it, like anybody's; the others are sent the entry
 * before that, so that all disks write at the same time (thesis §10.2.1, pitfall 9). Confined to the driver thread.
 */
final class Leader implements Role {
    private final Replicator replicator;
    private final ReadIndexQueue reads = new ReadIndexQueue();
    private final LeaderLease lease;
    private final Succession succession;
    private @Nullable LeadershipTransfer transfer;
    private long heartbeatDeadlineNanos;
    private long quorumDeadlineNanos;
    private boolean isHeartbeatDue;
    private boolean wantsFlush = true;
    private String endReason = "no quorum was heard for an election timeout";

    private Leader(NodeState state) {
        replicator = new Replicator(state);
        lease = new LeaderLease(state.config());
        succession = new Succession(state.nowNanos());
        heartbeatDeadlineNanos = state.nowNanos() + state.config().heartbeatIntervalNanos();
        quorumDeadlineNanos = state.nowNanos() + state.config().electionTimeoutNanos();
    }

    /** Begins a leadership with an entry of its own, without which nothing of earlier terms may be called committed. */
    static Leader begin(NodeState state, Outbox out) {
        Leader leader = new Leader(state);
        state.knowLeader(state.self(), out);
        state.log().append(Entry.noOp(new EntryId(state.term(), state.log().lastIndex() + 1)));
        return leader;
    }

    @Override
    public TraceEvent.RoleName name() {
        return TraceEvent.RoleName.LEADER;
    }

    @Override
    public long electionDeadlineNanos(NodeState state) {
        return state.drawElectionDeadlineNanos();
    }

    /** A leader that has lost its quorum steps down by itself soon; until then it is in nobody's interest to unseat it. */
    @Override
    public boolean withholdsVotes(NodeState state) {
        return state.config().isCheckQuorum();
    }

    @Override
    public Follower follow(NodeId leader, NodeState state, Outbox out) {
        throw new AssertionError("two leaders in term " + state.term() + ": " + state.self() + " and " + leader);
    }

    // Time

    @Override
    public Role tick(NodeState state, Outbox out) {
        if (state.config().isCheckQuorum() && state.isDue(quorumDeadlineNanos)) {
            if (!state.quorum().isReached(voter -> state.isSelf(voter) || replicator.isRecentlyActive(voter))) {
                return stepDown(state, out);
            }
            checkQuorumAfresh(state);
        }
        if (state.disk().isHung() && hasOtherVoters(state)) {
            return giveUp(state, out);
        }
        if (transfer != null && state.isDue(transfer.deadlineNanos())) {
            endTransfer(false, "it took longer than an election timeout", out);
            if (isLeftOut(state)) {
                endReason = "it is no voter any more, and the one it handed over to did not take over in time";
                return stepDown(state, out);
            }
        }
        considerHandover(state, out);
        if (state.isDue(heartbeatDeadlineNanos)) {
            heartbeat(state, out);
        }
        return this;
    }

    /**
     * What was heard before the pause proves nothing about now, and those who could answer had no chance to be asked:
     * speaks to all at once and counts from here. Until they answer no read is confirmed, for reads need a fresh round.
     */
    @Override
    public Role woke(NodeState state, Outbox out) {
        checkQuorumAfresh(state);
        heartbeatDeadlineNanos = state.nowNanos();
        return tick(state, out);
    }

    private static boolean hasOtherVoters(NodeState state) {
        return state.membership().voters().stream().anyMatch(voter -> !state.isSelf(voter));
    }

    private void considerHandover(NodeState state, Outbox out) {
        Succession.Choice choice = transfer == null ? succession.choose(replicator, state) : null;
        if (choice != null) {
            out.trace(new TraceEvent.HandoverChosen(choice.heir(), choice.reason()));
            transferLeadership(choice.heir(), state, out);
        }
    }

    /**
     * Nothing that is appended here will be answered, and each heartbeat would keep the others from electing somebody whose
     * disk works: leads no more, and asks whoever can to take over at once (pitfall 25).
     */
    private Role giveUp(NodeState state, Outbox out) {
        endReason = "the disk hangs: " + state.disk().describe();
        NodeId heir = Succession.best(
                replicator, state, Availability.UNFIT, state.log().lastIndex());
        boolean isAskedAlready = transfer != null && transfer.isAsked();
        if (heir != null && !isAskedAlready) {
            out.trace(new TraceEvent.HandoverChosen(heir, endReason));
            out.send(heir, new Message.TimeoutNow(state.term()));
        }
        return stepDown(state, out);
    }

    private void checkQuorumAfresh(NodeState state) {
        replicator.forgetActivity();
        quorumDeadlineNanos = state.nowNanos() + state.config().electionTimeoutNanos();
    }

    private void heartbeat(NodeState state, Outbox out) {
        heartbeatDeadlineNanos = state.nowNanos() + state.config().heartbeatIntervalNanos();
        replicator.heartbeatInterval(state, out);
        if (lease.isWanted()) {
            reads.openRound();
        }
        isHeartbeatDue = true;
        wantsFlush = true;
    }

    /** A leader that hears from no quorum leads nobody; to go on would only bind those it still reaches (pitfall 20). */
    private Role stepDown(NodeState state, Outbox out) {
        endTransfer(false, endReason(), out);
        state.forgetLeader();
        return Follower.waiting(state.drawElectionDeadlineNanos(), state);
    }

    // Proposals

    @Override
    public void propose(Input.Propose proposal, NodeState state, Outbox out) {
        RaftLog log = state.log();
        Entry entry = new Entry(new EntryId(state.term(), log.lastIndex() + 1), Entry.Kind.COMMAND, proposal.payload());
        if (transfer != null) {
            out.answer(new ProposalOutcome.Busy(proposal.proposalId(), ProposalOutcome.Reason.TRANSFERRING_LEADERSHIP));
            return;
        }
        // An entry larger than the bound still goes when it is alone.
        if (log.uncommittedBytes() > 0
                && log.uncommittedBytes() + entry.sizeBytes() > state.config().maxUncommittedBytes()) {
            out.answer(
                    new ProposalOutcome.Busy(proposal.proposalId(), ProposalOutcome.Reason.TOO_MANY_UNCOMMITTED_BYTES));
            return;
        }
        log.append(entry);
        out.answer(new ProposalOutcome.Appended(proposal.proposalId(), entry.id()));
        wantsFlush = true;
    }

    @Override
    public Role persisted(NodeState state, Outbox out) {
        advanceCommit(state, out);
        return this;
    }

    private void advanceCommit(NodeState state, Outbox out) {
        RaftLog log = state.log();
        long agreed =
                state.quorum().agreed(voter -> state.isSelf(voter) ? log.durableIndex() : replicator.matchIndex(voter));
        if (CommitRule.commits(agreed, state.term(), log)) {
            state.commitTo(agreed, out);
            reads.open(agreed);
            confirmReads(state, out);
            wantsFlush = true;
            carryOnMembership(state, out);
        }
    }

    // Membership

    @Override
    public void changeMembership(Input.ChangeMembership request, NodeState state, Outbox out) {
        ProposalOutcome refusal = ChangeRule.refusal(request, state, transfer != null, replicator);
        if (refusal != null) {
            out.answer(refusal);
            return;
        }
        Membership now = state.membership();
        EntryId id = enter(now.enter(now.after(request.change())), state, out);
        out.answer(new ProposalOutcome.Appended(request.proposalId(), id));
    }

    /** From now on others may be needed: they get an election timeout to be heard in. */
    private EntryId enter(Membership next, NodeState state, Outbox out) {
        EntryId id = state.appendMembership(next, out);
        replicator.followMembership(state);
        checkQuorumAfresh(state);
        wantsFlush = true;
        return id;
    }

    /**
     * The commit index has moved. A joint membership that is committed is left, whoever began the change (pitfall 36); a
     * leader that a committed membership gives no vote hands over, rather than to let everybody wait for an election
     * timeout (pitfall 37).
     */
    private void carryOnMembership(NodeState state, Outbox out) {
        if (state.membershipIndex() > state.log().commitIndex()) {
            return;
        }
        if (state.membership().isJoint()) {
            enter(state.membership().leaveJoint(), state, out);
        } else if (isLeftOut(state) && transfer == null) {
            NodeId fit = Succession.best(
                    replicator, state, Availability.UNFIT, state.log().commitIndex());
            transferLeadership(fit == null ? replicator.bestVoter(state.membership()) : fit, state, out);
        }
    }

    private static boolean isLeftOut(NodeState state) {
        return !state.membership().isVoter(state.self())
                && state.membershipIndex() <= state.log().commitIndex();
    }

    // Answers of followers

    @Override
    public Role appendAnswered(NodeId from, Message.AppendEntriesResponse answer, NodeState state, Outbox out) {
        Progress progress = heard(from, answer, answer.readRound(), state, out);
        if (progress != null) {
            replicator.appendAnswered(from, progress, answer, state, out);
            advanceCommit(state, out);
        }
        return this;
    }

    @Override
    public Role heartbeatAnswered(NodeId from, Message.HeartbeatResponse answer, NodeState state, Outbox out) {
        Progress progress = heard(from, answer, answer.readRound(), state, out);
        if (progress != null) {
            replicator.heartbeatAnswered(from, progress, answer, reads, state, out);
        }
        return this;
    }

    @Override
    public Role installAnswered(NodeId from, Message.InstallSnapshotResponse answer, NodeState state, Outbox out) {
        Progress progress = heard(from, answer, 0, state, out);
        if (progress != null) {
            replicator.snapshotInstalled(from, progress, answer, state, out);
            advanceCommit(state, out);
        }
        return this;
    }

    private @Nullable Progress heard(NodeId from, Message answer, long readRound, NodeState state, Outbox out) {
        Progress progress = replicator.of(from);
        if (progress == null) {
            out.trace(new TraceEvent.MessageIgnored(from, answer.getClass().getSimpleName(), "not a member"));
            return null;
        }
        progress.heard(state.nowNanos());
        progress.acknowledge(readRound);
        confirmReads(state, out);
        wantsFlush = true;
        return progress;
    }

    @Override
    public void peerUnreachable(NodeId peer, NodeState state, Outbox out) {
        replicator.peerUnreachable(peer, out);
    }

    @Override
    public void snapshotFailed(NodeId peer, NodeState state, Outbox out) {
        replicator.snapshotFailed(peer, out);
    }

    // Reads

    @Override
    public void readIndex(long readId, NodeState state, Outbox out) {
        addRead(new ReadIndexQueue.Read(null, readId), state, out);
    }

    @Override
    public Role readIndexAsked(NodeId from, Message.ReadIndexRequest request, NodeState state, Outbox out) {
        if (hasCommittedInTerm(state) && isQuorumWith(from, state)) {
            out.send(
                    from,
                    new Message.ReadIndexResponse(
                            state.term(), request.readId(), true, state.log().commitIndex()));
            out.trace(new TraceEvent.ReadsConfirmed(1, reads.round()));
            return this;
        }
        addRead(new ReadIndexQueue.Read(from, request.readId()), state, out);
        return this;
    }

    /**
     * Whether a follower that asks is all that is missing. When it asked, after its read had arrived, it was in this term,
     * so it had not voted in a later one; neither has this node. Where these two are enough for a quorum nobody can have
     * been elected in a later term by then, and a round of messages would find out nothing more.
     */
    private static boolean isQuorumWith(NodeId asker, NodeState state) {
        return state.quorum().isReached(voter -> state.isSelf(voter) || voter.equals(asker));
    }

    private static boolean hasCommittedInTerm(NodeState state) {
        RaftLog log = state.log();
        return log.term(log.commitIndex()) == state.term();
    }

    private void addRead(ReadIndexQueue.Read read, NodeState state, Outbox out) {
        if (!hasCommittedInTerm(state)) {
            if (reads.addEarly(read)) {
                out.trace(new TraceEvent.ReadsQueued(reads.earlyCount()));
            } else {
                refuse(read, state, out);
                out.trace(new TraceEvent.ReadsRefused(1, "too many wait for the first commit of the term"));
            }
        } else if (lease.isHeld(state.nowNanos())) {
            answerByLease(read, state.log().commitIndex(), state, out);
        } else {
            reads.add(read, state.log().commitIndex());
            confirmReads(state, out);
            wantsFlush = true;
        }
    }

    /**
     * What is committed now is all that can be: nobody else leads. A member that asked has its answer on the way here; of the
     * one that asked on this node it is not certain that it did so before the time was taken, so the lease goes with the answer.
     */
    private void answerByLease(ReadIndexQueue.Read read, long index, NodeState state, Outbox out) {
        NodeId asker = read.asker();
        if (asker == null) {
            out.answer(new ReadState.Leased(read.readId(), index, lease.untilNanos()));
        } else {
            out.send(asker, new Message.ReadIndexResponse(state.term(), read.readId(), true, index));
        }
        out.trace(new TraceEvent.ReadLeased(index, lease.untilNanos()));
    }

    private static void refuse(ReadIndexQueue.Read read, NodeState state, Outbox out) {
        NodeId asker = read.asker();
        if (asker == null) {
            out.answer(new ReadState.Refused(read.readId()));
        } else {
            out.send(asker, new Message.ReadIndexResponse(state.term(), read.readId(), false, 0));
        }
    }

    private void confirmReads(NodeState state, Outbox out) {
        long agreed = state.quorum()
                .agreed(voter -> state.isSelf(voter) ? reads.round() : replicator.acknowledgedRound(voter));
        lease.agreed(agreed);
        List<ReadIndexQueue.Confirmed> confirmed = reads.confirm(agreed);
        for (ReadIndexQueue.Confirmed each : confirmed) {
            NodeId asker = each.read().asker();
            if (asker == null) {
                out.answer(new ReadState.Confirmed(each.read().readId(), each.index()));
            } else {
                out.send(
                        asker,
                        new Message.ReadIndexResponse(state.term(), each.read().readId(), true, each.index()));
            }
        }
        if (!confirmed.isEmpty()) {
            out.trace(new TraceEvent.ReadsConfirmed(confirmed.size(), agreed));
        }
    }

    // Transfer

    @Override
    public void transferLeadership(NodeId target, NodeState state, Outbox out) {
        if (state.isSelf(target) || !state.membership().voters().contains(target)) {
            boolean isSelf = state.isSelf(target);
            out.trace(new TraceEvent.TransferEnded(target, isSelf, isSelf ? "leads already" : "is not a voter"));
            return;
        }
        Progress progress = replicator.of(target);
        // Who may not lead any more has to try all the same: it steps down when nothing comes of it.
        if (progress != null && progress.reluctance() == Availability.UNFIT && !isLeftOut(state)) {
            out.trace(new TraceEvent.TransferEnded(target, false, "its disk is slow, or it may not campaign"));
            return;
        }
        if (transfer != null) {
            if (transfer.target().equals(target)) {
                return;
            }
            endTransfer(false, "another target was named", out);
        }
        transfer =
                new LeadershipTransfer(target, state.nowNanos() + state.config().electionTimeoutNanos(), false);
        out.trace(new TraceEvent.TransferStarted(target));
        wantsFlush = true;
    }

    private void endTransfer(boolean isDone, String reason, Outbox out) {
        if (transfer != null) {
            out.trace(new TraceEvent.TransferEnded(transfer.target(), isDone, reason));
            transfer = null;
        }
    }

    @Override
    public @Nullable NodeId transferTarget() {
        return transfer == null ? null : transfer.target();
    }

    // Sending

    @Override
    public boolean wantsFlush() {
        return wantsFlush;
    }

    @Override
    public void flush(NodeState state, Outbox out) {
        lease.sent(reads.round(), state.nowNanos());
        replicator.flush(isHeartbeatDue, reads, state, out);
        isHeartbeatDue = false;
        wantsFlush = false;
        if (transfer != null
                && !transfer.isAsked()
                && replicator.matchIndex(transfer.target()) == state.log().lastIndex()) {
            lease.drop();
            out.send(transfer.target(), new Message.TimeoutNow(state.term()));
            transfer = transfer.asked();
        }
    }

    // The end

    @Override
    public String endReason() {
        return endReason;
    }

    @Override
    public void leave(NodeState state, Outbox out, String reason) {
        out.trace(new TraceEvent.SteppedDown(state.term(), reason));
        List<ReadIndexQueue.Read> refused = reads.drain();
        for (ReadIndexQueue.Read read : refused) {
            refuse(read, state, out);
        }
        if (!refused.isEmpty()) {
            out.trace(new TraceEvent.ReadsRefused(refused.size(), reason));
        }
        boolean hasAsked = transfer != null && transfer.isAsked();
        endTransfer(hasAsked, hasAsked ? "the target was asked, and a higher term came" : reason, out);
    }

    @Override
    public List<NodeView.PeerView> peers() {
        return replicator.views();
    }
}

package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.membership.VoteTally;
import io.axolotl.raft.message.Message;

/**
 * Has voted for itself in a new term and asks the others to do so too (Raft §5.2). Its own vote counts like any other:
 * once it is on disk (pitfall 1).
 *
 * <p>Confined to the driver thread.
 */
final class Candidate implements Role {
    private final VoteTally tally;
    private long electionDeadlineNanos;

    private Candidate(VoteTally tally, long electionDeadlineNanos) {
        this.tally = tally;
        this.electionDeadlineNanos = electionDeadlineNanos;
    }

    /** @param isTransfer the leader of the term so far asked for this election */
    static Candidate campaign(NodeState state, Outbox out, boolean isTransfer, String reason) {
        return campaign(state, out, isTransfer, state.drawElectionDeadlineNanos(), reason);
    }

    /** After an early pre-vote: if nobody wins, the next election is not far. */
    static Candidate campaignEarly(NodeState state, Outbox out, String reason) {
        return campaign(state, out, false, state.drawShortDeadlineNanos(), reason);
    }

    private static Candidate campaign(
            NodeState state, Outbox out, boolean isTransfer, long electionDeadlineNanos, String reason) {
        state.advanceTerm(state.term() + 1);
        state.voteFor(state.self());
        out.trace(new TraceEvent.ElectionStarted(state.term(), false, reason));
        for (NodeId voter : state.membership().all()) {
            if (state.membership().isVoter(voter) && !state.isSelf(voter)) {
                out.sendAfterPersist(
                        voter, new Message.RequestVote(state.term(), state.log().last(), isTransfer));
            }
        }
        return new Candidate(new VoteTally(state.quorum()), electionDeadlineNanos);
    }

    /** An election has led to nothing: tries again if this node still may, from the start and with a fresh timeout. */
    static Role campaignAgain(NodeState state, Outbox out, String reason) {
        return state.mayCampaign()
                ? PreCandidate.campaign(state, out, reason)
                : Follower.waiting(state.drawElectionDeadlineNanos(), state);
    }

    @Override
    public TraceEvent.RoleName name() {
        return TraceEvent.RoleName.CANDIDATE;
    }

    @Override
    public long electionDeadlineNanos(NodeState state) {
        return electionDeadlineNanos;
    }

    @Override
    public boolean hasWaitedOut() {
        return true;
    }

    @Override
    public Role tick(NodeState state, Outbox out) {
        return state.isDue(electionDeadlineNanos) ? campaignAgain(state, out, "nobody won the election") : this;
    }

    @Override
    public Role woke(NodeState state, Outbox out) {
        electionDeadlineNanos = state.drawElectionDeadlineNanos();
        return this;
    }

    @Override
    public Follower follow(NodeId leader, NodeState state, Outbox out) {
        return Follower.of(leader, state, out);
    }

    @Override
    public Role persisted(NodeState state, Outbox out) {
        if (state.durable().remembers(state.term(), state.self())) {
            tally.record(state.self(), true);
        }
        return next(state, out);
    }

    @Override
    public Role voteAnswered(NodeId from, Message.RequestVoteResponse answer, NodeState state, Outbox out) {
        tally.record(from, answer.isGranted());
        return next(state, out);
    }

    /**
     * Wins only with its own vote on disk: a leader that forgets in a crash whom it voted for could vote for another in
     * the term that it leads.
     */
    private Role next(NodeState state, Outbox out) {
        if (!state.durable().remembers(state.term(), state.self())) {
            return this;
        }
        return switch (tally.outcome()) {
            case WON -> Leader.begin(state, out);
            case LOST -> Follower.waiting(electionDeadlineNanos, state);
            case OPEN -> this;
        };
    }
}

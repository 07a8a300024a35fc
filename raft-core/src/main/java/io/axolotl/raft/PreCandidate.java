package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.membership.VoteTally;
import io.axolotl.raft.message.Message;

/**
 * Asks whether an election could be won before it disturbs anybody with a higher term (thesis §9.6). Changes neither
 * term nor vote.
 *
 * <p>Confined to the driver thread.
 */
final class PreCandidate implements Role {
    private final VoteTally tally;
    private long electionDeadlineNanos;

    private PreCandidate(VoteTally tally, long electionDeadlineNanos) {
        this.tally = tally;
        this.electionDeadlineNanos = electionDeadlineNanos;
    }

    /**
     * Starts an election the polite way, or at once if pre-vote is switched off. Forgets the leader first: who asks for
     * votes must not at the same time count as led (pitfall 19).
     */
    static Role campaign(NodeState state, Outbox out, String reason) {
        state.forgetLeader();
        if (!state.config().isPreVote()) {
            return Candidate.campaign(state, out, false, reason);
        }
        PreCandidate role = new PreCandidate(new VoteTally(state.quorum()), state.drawElectionDeadlineNanos());
        long askedTerm = state.term() + 1;
        out.trace(new TraceEvent.ElectionStarted(askedTerm, true, reason));
        for (NodeId voter : state.membership().all()) {
            if (state.membership().isVoter(voter) && !state.isSelf(voter)) {
                out.send(voter, new Message.PreVote(askedTerm, state.log().last()));
            }
        }
        role.tally.record(state.self(), true);
        return role.next(state, out);
    }

    @Override
    public TraceEvent.RoleName name() {
        return TraceEvent.RoleName.PRE_CANDIDATE;
    }

    @Override
    public long electionDeadlineNanos(NodeState state) {
        return electionDeadlineNanos;
    }

    @Override
    public Role tick(NodeState state, Outbox out) {
        return state.isDue(electionDeadlineNanos)
                ? Candidate.campaignAgain(state, out, "pre-vote was not answered in time")
                : this;
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

    /** A refusal that carries a higher term never gets here: that term was adopted (pitfall 18). */
    @Override
    public Role preVoteAnswered(NodeId from, Message.PreVoteResponse answer, NodeState state, Outbox out) {
        if (answer.isGranted() && answer.term() != state.term() + 1) {
            out.trace(new TraceEvent.MessageIgnored(from, "PreVoteResponse", "answers an earlier question"));
            return this;
        }
        tally.record(from, answer.isGranted());
        return next(state, out);
    }

    private Role next(NodeState state, Outbox out) {
        return switch (tally.outcome()) {
            case WON -> Candidate.campaign(state, out, false, "pre-vote was won");
            case LOST -> Follower.waiting(electionDeadlineNanos, state);
            case OPEN -> this;
        };
    }
}

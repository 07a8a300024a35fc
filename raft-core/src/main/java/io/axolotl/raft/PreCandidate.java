package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.membership.VoteTally;
import io.axolotl.raft.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether an election could be won before it disturbs anybody with a higher term (thesis §9.6). Changes neither
 * term nor vote.
 *
 * <p>Confined to the driver thread.
 */
final class PreCandidate implements Role {
    private final VoteTally tally;
    private final boolean isEarly;
    private long electionDeadlineNanos;

    /** When an early one is given up; the leader's end will be told again. */
    private long earlyEndNanos;

    private PreCandidate(VoteTally tally, boolean isEarly, long electionDeadlineNanos) {
        this.tally = tally;
        this.isEarly = isEarly;
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
        return ask(state, out, null, state.drawElectionDeadlineNanos(), reason);
    }

    /**
     * Asks before the usual silence, since the leader seems to have ended. A majority that sees the same is needed; if there
     * is none, this node is a follower again, and campaigns at {@code electionDeadlineNanos} as it would have.
     */
    static Role campaignEarly(NodeState state, Outbox out, long electionDeadlineNanos) {
        NodeId gone = state.leaderOfTerm();
        state.forgetLeader();
        return ask(state, out, gone, electionDeadlineNanos, "the leader's process seems to have ended");
    }

    private static Role ask(
            NodeState state, Outbox out, @Nullable NodeId gone, long electionDeadlineNanos, String reason) {
        boolean isEarly = gone != null;
        PreCandidate role = new PreCandidate(new VoteTally(state.quorum()), isEarly, electionDeadlineNanos);
        role.earlyEndNanos = state.nowNanos() + state.config().electionTimeoutNanos() / 4;
        long askedTerm = state.term() + 1;
        out.trace(new TraceEvent.ElectionStarted(askedTerm, true, reason));
        for (NodeId voter : state.membership().all()) {
            if (state.membership().isVoter(voter) && !state.isSelf(voter)) {
                out.send(voter, new Message.PreVote(askedTerm, state.log().last(), isEarly));
            }
        }
        role.tally.record(state.self(), true);
        if (gone != null) {
            // Nobody waits for the answer of one that has ended: if another refuses, the next try need not wait either.
            role.tally.record(gone, false);
        }
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
    public boolean hasWaitedOut() {
        return !isEarly;
    }

    /**
     * Of two that ask early at the same time one gives way, so that they do not take each other's votes: the one with the
     * shorter log, or else with the smaller id.
     */
    boolean givesWayTo(NodeId other, EntryId otherLast, NodeState state) {
        int order = otherLast.compareTo(state.log().last());
        return isEarly && (order > 0 || (order == 0 && other.compareTo(state.self()) > 0));
    }

    @Override
    public Role tick(NodeState state, Outbox out) {
        if (isEarly && state.isDue(earlyEndNanos) && !state.isDue(electionDeadlineNanos)) {
            return Follower.waiting(electionDeadlineNanos, state);
        }
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
            case WON ->
                isEarly
                        ? Candidate.campaignEarly(state, out, "pre-vote was won")
                        : Candidate.campaign(state, out, false, "pre-vote was won");
            case LOST -> Follower.waiting(electionDeadlineNanos, state);
            case OPEN -> this;
        };
    }
}

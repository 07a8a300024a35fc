package io.axolotl.raft;

import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/** When a leader may begin a change of the membership: Raft §6, thesis §4.1 and §4.2.1. Pure. */
final class ChangeRule {
    private ChangeRule() {}

    /**
     * Why this change is not begun now, or null if it may be.
     *
     * <p>A leader that has committed nothing in its term may be overtaken by a change that it does not know of; two changes
     * at once could have majorities that do not meet (both pitfall 35). A learner that lags or is silent would hold up every
     * commit with its first vote (pitfall 38); of a node that was never a learner nothing is known, and it is taken on the
     * word of whoever asks.
     */
    static @Nullable ProposalOutcome refusal(
            Input.ChangeMembership request, NodeState state, boolean isTransferring, Replicator replicator) {
        RaftLog log = state.log();
        Membership now = state.membership();
        if (isTransferring) {
            return new ProposalOutcome.Busy(request.proposalId(), ProposalOutcome.Reason.TRANSFERRING_LEADERSHIP);
        }
        if (log.term(log.commitIndex()) != state.term()) {
            return refused(
                    request,
                    ProposalOutcome.ChangeRefusal.LEADER_NOT_COMMITTED,
                    "the leader has committed nothing in term " + state.term() + " yet; try again in a moment");
        }
        if (state.membershipIndex() > log.commitIndex() || now.isJoint()) {
            return refused(
                    request,
                    ProposalOutcome.ChangeRefusal.CHANGE_UNDER_WAY,
                    "the change of entry " + state.membershipIndex()
                            + " is still under way; try again when it is over");
        }
        String objection = now.objectionTo(request.change());
        if (objection != null) {
            return refused(request, ProposalOutcome.ChangeRefusal.INVALID, objection);
        }
        for (NodeId node : request.change().voters()) {
            if (now.isLearner(node) && !replicator.isReadyToVote(node, state)) {
                return refused(
                        request,
                        ProposalOutcome.ChangeRefusal.LEARNER_NOT_READY,
                        "learner " + node + " holds entries through " + replicator.matchIndex(node) + " of "
                                + log.lastIndex() + " or has not been heard lately; try again when it has caught up");
            }
        }
        return null;
    }

    private static ProposalOutcome refused(
            Input.ChangeMembership request, ProposalOutcome.ChangeRefusal reason, String explanation) {
        return new ProposalOutcome.ChangeRefused(request.proposalId(), reason, explanation);
    }
}

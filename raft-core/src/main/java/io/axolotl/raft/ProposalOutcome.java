package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What became of one {@link Input.Propose} or {@link Input.ChangeMembership}. Expected outcomes are values, not exceptions.
 *
 * <p>Immutable.
 */
public sealed interface ProposalOutcome {
    long proposalId();

    /** Appended to the leader's log as {@code id}. Not committed yet. Another entry may still take that index. */
    record Appended(long proposalId, EntryId id) implements ProposalOutcome {}

    /**
     * Nothing was appended here: this node does not lead.
     *
     * @param leader whom to ask instead, or null if unknown
     */
    record NotLeader(long proposalId, @Nullable NodeId leader) implements ProposalOutcome {}

    /** Nothing was appended: too many bytes wait to be committed, or leadership is being handed over. Try later. */
    record Busy(long proposalId, Reason reason) implements ProposalOutcome {}

    /**
     * Nothing was appended: a leader would not begin this change of the membership.
     *
     * @param explanation for people
     */
    record ChangeRefused(long proposalId, ChangeRefusal reason, String explanation) implements ProposalOutcome {}

    /** Why a leader would not begin a change of the membership. */
    enum ChangeRefusal {
        /** Another change is not committed, or has not left its joint state. Try again when it has. */
        CHANGE_UNDER_WAY,
        /** The leader has committed nothing in its term and does not know what is in force (pitfall 35). Try again soon. */
        LEADER_NOT_COMMITTED,
        /** A learner that is to be promoted lags or has not been heard lately (pitfall 38). Try again when it has caught up. */
        LEARNER_NOT_READY,
        /** It makes no sense from the membership in force. */
        INVALID
    }

    /** Why a leader would not take a proposal. */
    enum Reason {
        TOO_MANY_UNCOMMITTED_BYTES,
        TRANSFERRING_LEADERSHIP
    }
}

package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What became of one {@link Input.Propose}. Expected outcomes are values, not exceptions.
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

    /** Why a leader would not take a proposal. */
    enum Reason {
        TOO_MANY_UNCOMMITTED_BYTES,
        TRANSFERRING_LEADERSHIP
    }
}

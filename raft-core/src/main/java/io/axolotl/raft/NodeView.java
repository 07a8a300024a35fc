package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look inside a node between two steps.
 *
 * <p>Immutable: safe to publish to other threads.
 *
 * @param leader the known leader of {@code term}, this node included, or null
 * @param firstLog the first entry that the log still holds, or {@link EntryId#ZERO} if it holds none
 *     or is being replaced by a snapshot
 * @param lastLog the last entry of the log; of an empty one the entry just before it
 * @param durableIndex last index known to be synced on this node
 * @param appliedIndex last index reported applied
 * @param membership the membership in force, committed or not
 * @param membershipIndex the entry or snapshot that brought it
 * @param removedIndex the committed entry or snapshot that has removed this node from the cluster; 0 if none has. A node
 *     that waits to be added has not been removed
 * @param transferTarget whom leadership is being handed to, or null
 * @param peers what a leader believes of the others; empty otherwise
 */
public record NodeView(
        NodeId self,
        TraceEvent.RoleName role,
        long term,
        @Nullable NodeId votedFor,
        @Nullable NodeId leader,
        EntryId firstLog,
        EntryId lastLog,
        long durableIndex,
        long commitIndex,
        long appliedIndex,
        Membership membership,
        long membershipIndex,
        long removedIndex,
        @Nullable NodeId transferTarget,
        List<PeerView> peers) {

    public boolean isLeader() {
        return role == TraceEvent.RoleName.LEADER;
    }

    /** Whether the membership in force is committed and final: no change is under way. */
    public boolean isMembershipSettled() {
        return membershipIndex <= commitIndex && !membership.isJoint();
    }

    /** Whether this node was a member and is none any more: it will never be needed again and may stop. */
    public boolean isRemoved() {
        return removedIndex > 0;
    }

    /**
     * What the leader believes of one follower.
     *
     * @param state probe, replicate or snapshot
     * @param isRecentlyActive it has answered since the last check of the quorum
     * @param reluctance how much it would rather not lead, {@link Availability#UNFIT} if it must not
     */
    public record PeerView(
            NodeId peer,
            String state,
            long matchIndex,
            long nextIndex,
            int inflightAppends,
            boolean isRecentlyActive,
            int reluctance) {}
}

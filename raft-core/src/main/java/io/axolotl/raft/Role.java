package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node does in its term. Holds the facts that exist in that role only; each method takes the shared facts and the
 * outbox and returns the role that comes next, itself as a rule. {@code RaftNode} has dealt with terms before: a message
 * that reaches a role is of the node's own term.
 *
 * <p>The methods here answer for a node that does not lead. Confined to the driver thread.
 */
sealed interface Role permits Follower, PreCandidate, Candidate, Leader {
    TraceEvent.RoleName name();

    /** The deadline at which whatever comes after this role, unless it hears from a leader, campaigns. */
    long electionDeadlineNanos(NodeState state);

    /** Whether a leader is believed to be alive, so that nobody gets a vote who was not sent by it (thesis §4.2.3). */
    default boolean withholdsVotes(NodeState state) {
        return false;
    }

    /** Time has passed. */
    Role tick(NodeState state, Outbox out);

    /** This node was paused for longer than an election timeout: what it measured with its clock is void. */
    Role woke(NodeState state, Outbox out);

    /** A message of {@code leader} has arrived, which therefore leads this term. */
    Follower follow(NodeId leader, NodeState state, Outbox out);

    /** Something that was given out has been synced. */
    default Role persisted(NodeState state, Outbox out) {
        return this;
    }

    default void propose(Input.Propose proposal, NodeState state, Outbox out) {
        out.answer(new ProposalOutcome.NotLeader(proposal.proposalId(), state.leader()));
    }

    default void changeMembership(Input.ChangeMembership request, NodeState state, Outbox out) {
        out.answer(new ProposalOutcome.NotLeader(request.proposalId(), state.leader()));
    }

    default void readIndex(long readId, NodeState state, Outbox out) {
        out.answer(new ReadState.Refused(readId));
        out.trace(new TraceEvent.ReadsRefused(1, "no leader is known"));
    }

    default void transferLeadership(NodeId target, NodeState state, Outbox out) {
        out.trace(new TraceEvent.TransferEnded(target, false, "this node does not lead"));
    }

    default Role preVoteAnswered(NodeId from, Message.PreVoteResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    default Role voteAnswered(NodeId from, Message.RequestVoteResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    default Role appendAnswered(NodeId from, Message.AppendEntriesResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    default Role heartbeatAnswered(NodeId from, Message.HeartbeatResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    default Role installAnswered(NodeId from, Message.InstallSnapshotResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    /** A follower takes this node for the leader and asks for a read index. */
    default Role readIndexAsked(NodeId from, Message.ReadIndexRequest request, NodeState state, Outbox out) {
        out.send(from, new Message.ReadIndexResponse(state.term(), request.readId(), false, 0));
        return this;
    }

    default Role readIndexAnswered(NodeId from, Message.ReadIndexResponse answer, NodeState state, Outbox out) {
        return ignored(from, answer, out);
    }

    /** What was on its way to {@code peer} may be lost. */
    default void peerUnreachable(NodeId peer, NodeState state, Outbox out) {}

    /** The leader of the term seems to have ended. */
    default void leaderGone(NodeState state, Outbox out) {}

    /** Whether this node asks for pre-votes because it has waited out the usual silence. */
    default boolean hasWaitedOut() {
        return false;
    }

    /** Sending a snapshot to {@code peer} has failed. */
    default void snapshotFailed(NodeId peer, NodeState state, Outbox out) {}

    /** Whether {@link #flush} may have something to send. */
    default boolean wantsFlush() {
        return false;
    }

    /** A {@link Ready} is being taken: the moment to send what all steps since the last one call for. */
    default void flush(NodeState state, Outbox out) {}

    /** Why this role has ended, if it ended by its own decision. */
    default String endReason() {
        return "no leader was heard in time";
    }

    /** The role is over; settles what was promised in it. */
    default void leave(NodeState state, Outbox out, String reason) {}

    default @Nullable NodeId transferTarget() {
        return null;
    }

    default List<NodeView.PeerView> peers() {
        return List.of();
    }

    private Role ignored(NodeId from, Message message, Outbox out) {
        out.trace(
                new TraceEvent.MessageIgnored(from, message.getClass().getSimpleName(), "not for a " + name().word()));
        return this;
    }
}

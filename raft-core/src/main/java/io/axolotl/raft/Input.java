package io.axolotl.raft;

import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;

/**
 * Everything that can happen to a node. Completions of disk and apply come back by the same door as messages, so
 * asynchronous work needs no second way in.
 *
 * <p>Immutable.
 */
public sealed interface Input {
    /**
     * It is now so late, and nothing is judged by that yet. To be stepped before what has arrived by then, so that what
     * this sets off counts from now; the {@link Tick} behind it judges the deadlines, when what was said in time has been
     * heard.
     */
    record Clock(long nowNanos) implements Input {}

    /**
     * Time has passed, and deadlines are judged. The core has no clock: it knows only the latest value it was given. A gap
     * of more than an election timeout between two ticks is a pause (pitfall 23).
     *
     * @param nowNanos monotonic time with an arbitrary origin; only differences count, overflow included
     */
    record Tick(long nowNanos) implements Input {}

    /** A message has arrived. */
    record Receive(NodeId from, Message message) implements Input {}

    /**
     * Append this command. Answered by exactly one {@link ProposalOutcome} of the next {@link Ready}.
     *
     * @param proposalId chosen by the caller; only echoed
     * @param payload opaque; shared, not copied
     */
    record Propose(long proposalId, byte[] payload) implements Input {}

    /**
     * Change who belongs to the cluster. Answered by exactly one {@link ProposalOutcome} of the next {@link Ready}, in
     * turn with those of {@link Propose}: {@link ProposalOutcome.Appended} with the entry that began the change. It is
     * in force from then on, and done when {@link NodeView#isMembershipSettled()} holds at that index or behind it.
     *
     * @param proposalId chosen by the caller; only echoed
     */
    record ChangeMembership(long proposalId, MembershipChange change) implements Input {}

    /**
     * From which index on may a linearizable read be served? Answered later by exactly one {@link ReadState}.
     *
     * @param readId chosen by the caller, never reused in the life of this node object
     */
    record ReadIndex(long readId) implements Input {}

    /** Hand leadership to {@code target}, a voter. The outcome shows in the view and in trace events. */
    record TransferLeadership(NodeId target) implements Input {}

    /**
     * All that the {@link Ready} which carried this token asked to persist has been synced. Tokens come back in the
     * order in which they were given out; one may stand for all before it.
     */
    record Persisted(PersistToken token) implements Input {}

    /** The state machine has applied all entries through {@code index} (in memory is enough). */
    record Applied(long index) implements Input {}

    /** A snapshot is complete and durable here; entries through its index may be cut from the log at any time. */
    record SnapshotTaken(SnapshotMetadata snapshot) implements Input {}

    /** The log's prefix through {@code index} has been cut ({@code truncatePrefix} has been asked of the log). */
    record LogTruncated(long index) implements Input {}

    /** The snapshot that {@link Ready#snapshotToInstall} asked for is now the live state, and durable. */
    record SnapshotInstalled(SnapshotMetadata snapshot) implements Input {}

    /** Sending a snapshot to {@code peer} has ended without success; the core will probe and may try again. */
    record SnapshotFailed(NodeId peer) implements Input {}

    /** The transport lost its connection to {@code peer} or could not send; what was in flight may be lost. */
    record PeerUnreachable(NodeId peer) implements Input {}

    /**
     * No process of {@code peer} listens at its address, and no connection with it is left in either direction: it has
     * almost certainly ended. A hint, which may come again and again and may be wrong: it never settles anything by itself,
     * it only lets an election begin before the usual silence.
     */
    record PeerGone(NodeId peer) implements Input {}

    /**
     * From now on the peers can reach this node: it listens. Comes once, after a start.
     *
     * @param withinNanos the time in which every peer that runs, and is not cut off, will have spoken
     */
    record Reachable(long withinNanos) implements Input {}

    /**
     * How the disk under the log does: a sync has come back, or is still under way (pitfall 25). Time in which this process
     * itself did not run is not to be reported as the disk's.
     *
     * @param nanos how long it took, or for how long it has been under way
     */
    record SyncObserved(long nanos, boolean isRunning) implements Input {}
}

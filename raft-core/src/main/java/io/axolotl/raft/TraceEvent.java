package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The story of what happened inside the core, as values. The core never logs; the server makes log lines and metrics of
 * these, scenarios a transcript, the simulator its coverage marks.
 *
 * <p>Immutable.
 */
public sealed interface TraceEvent {
    /** What a node does in its term. */
    enum RoleName {
        FOLLOWER("follower"),
        PRE_CANDIDATE("pre-candidate"),
        CANDIDATE("candidate"),
        LEADER("leader");

        private final String word;

        RoleName(String word) {
            this.word = word;
        }

        /** The role as people write it. */
        public String word() {
            return word;
        }
    }

    /** @param leader whom this node follows, itself if it leads, null if nobody is known */
    record RoleChanged(
            RoleName from, RoleName to, long term, @Nullable NodeId leader) implements TraceEvent {}

    /** Someone else's higher term was adopted. */
    record TermAdopted(long from, long to, NodeId because) implements TraceEvent {}

    /** This node follows {@code leader} in {@code term} for the first time, or leads it. */
    record LeaderKnown(long term, NodeId leader) implements TraceEvent {}

    record ElectionStarted(long term, boolean isPreVote, String reason) implements TraceEvent {}

    record VoteAnswered(NodeId candidate, long term, boolean isPreVote, boolean isGranted, String reason)
            implements TraceEvent {}

    /** A leader lost its leadership by its own decision or by a higher term. */
    record SteppedDown(long term, String reason) implements TraceEvent {}

    /** Entries {@code [fromIndex, toIndex]} were cut, since the leader's log differs. */
    record SuffixTruncated(long fromIndex, long toIndex, EntryId leaderHad) implements TraceEvent {}

    record AppendRefused(NodeId leader, EntryId previous, EntryId hint) implements TraceEvent {}

    /** The leader changed its mind about a follower: probe, replicate or snapshot. */
    record ProgressChanged(NodeId peer, String from, String to, long nextIndex) implements TraceEvent {}

    record CommitAdvanced(long fromIndex, long toIndex) implements TraceEvent {}

    record SnapshotOffered(NodeId peer, SnapshotMetadata snapshot) implements TraceEvent {}

    record SnapshotInstallStarted(SnapshotMetadata snapshot) implements TraceEvent {}

    record SnapshotInstallFinished(SnapshotMetadata snapshot) implements TraceEvent {}

    /** A snapshot brought nothing that the log does not hold; it may be thrown away (pitfall 41). */
    record SnapshotIgnored(SnapshotMetadata snapshot, long commitIndex) implements TraceEvent {}

    /** Reads waited for the first commit of the term (pitfall 27). */
    record ReadsQueued(int count) implements TraceEvent {}

    record ReadsConfirmed(int count, long readRound) implements TraceEvent {}

    record ReadsRefused(int count, String reason) implements TraceEvent {}

    /** A membership is in force from here on: a joint one is entered, or a final one is (pitfall 34). */
    record MembershipAppended(long index, Membership membership) implements TraceEvent {}

    record MembershipCommitted(long index, Membership membership) implements TraceEvent {}

    /**
     * The log was cut, and {@code inForce} is back, which the entry at {@code index} or the snapshot of that index brought.
     */
    record MembershipRolledBack(long index, Membership inForce) implements TraceEvent {}

    /**
     * A leader sends nothing more to a node that its membership leaves out.
     *
     * @param isTold the node has answered after it was told that its removal is committed
     */
    record RemovedPeerReleased(NodeId peer, boolean isTold) implements TraceEvent {}

    record TransferStarted(NodeId target) implements TraceEvent {}

    /**
     * This node no longer tries to hand leadership over.
     *
     * @param isDone the target leads already; or it was told to campaign, and this node has since met a higher term, of
     *     which it need not know the leader
     */
    record TransferEnded(NodeId target, boolean isDone, String reason) implements TraceEvent {}

    /** A leader chose by itself to hand over. */
    record HandoverChosen(NodeId heir, String reason) implements TraceEvent {}

    /** The transport believes that the leader's process has ended, and an early pre-vote may follow. */
    record LeaderGone(NodeId leader) implements TraceEvent {}

    /** This node's disk has become slow against its own history, hangs, or does well again (pitfall 25). */
    record DiskJudged(boolean isSlow, boolean isHung, String evidence) implements TraceEvent {}

    /** A read was answered by a lease, without asking a quorum. */
    record ReadLeased(long index, long untilNanos) implements TraceEvent {}

    /** The timer woke so late that this node itself must have been paused; it waits again (pitfall 23). */
    record PauseDetected(long pausedNanos) implements TraceEvent {}

    /**
     * Votes again: the log holds {@code held}, and with it all that was acknowledged in the terms through {@code
     * throughTerm} and then damaged, as far as it was committed.
     */
    record EmbargoLifted(EntryId held, long throughTerm) implements TraceEvent {}

    /** A message changed nothing: stale term, older epoch, not for this role. */
    record MessageIgnored(NodeId from, String message, String reason) implements TraceEvent {}
}

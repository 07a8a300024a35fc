package io.axolotl.raft.message;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import java.util.List;

/**
 * What nodes say to each other. The sender is named by the envelope, not by the message. Every message carries the
 * term of its sender, except that the pre-vote pair carries the term that would be campaigned for.
 *
 * <p>Messages may be lost, repeated, delayed and reordered; each is safe to receive at any time.
 *
 * <p>Immutable.
 */
public sealed interface Message {
    /** The sender's term; for {@link PreVote} the term it would campaign for. */
    long term();

    /**
     * Would you vote for me? Changes nothing at either side (thesis §9.6).
     *
     * @param term the term of the election that may follow: the sender's term plus one
     * @param last the last entry of the sender's log
     * @param isEarly asked before the usual silence, since the leader's process seems to have ended: only who believes
     *     the same, or has waited out that silence, may say yes
     */
    record PreVote(long term, EntryId last, boolean isEarly) implements Message {
        /** After the usual silence. */
        public PreVote(long term, EntryId last) {
            this(term, last, false);
        }
    }

    /**
     * @param term when granted the term that was asked for, otherwise the term of the one who refuses, which the asker
     *     adopts if it is higher (pitfall 18)
     */
    record PreVoteResponse(long term, boolean isGranted) implements Message {}

    /**
     * Vote for me (Raft §5.2).
     *
     * @param last the last entry of the candidate's log
     * @param isTransfer the leader asked for this election by {@link TimeoutNow}, so a fresh lease of that leader is
     *     no reason to refuse (pitfall 21)
     */
    record RequestVote(long term, EntryId last, boolean isTransfer) implements Message {}

    record RequestVoteResponse(long term, boolean isGranted) implements Message {}

    /**
     * Entries that follow {@code previous}; none to probe.
     *
     * @param previous the entry just before {@code entries}
     * @param entries contiguous from {@code previous.index() + 1}; may be empty
     * @param commitIndex the leader's commit index; the follower takes no more of it than this request proves
     * @param readRound the newest round of read confirmation when this was sent; echoed by the answer
     * @param epoch counts the resets of this follower's pipeline in this term; answers of an older epoch do not move
     *     the window (pitfall 61)
     */
    record AppendEntries(long term, EntryId previous, List<Entry> entries, long commitIndex, long readRound, long epoch)
            implements Message {
        public AppendEntries {
            entries = List.copyOf(entries);
        }
    }

    /**
     * @param isAccepted whether the follower's log held {@code previous}
     * @param index accepted: the last index this request proves to be equal and durable here (pitfall 10); refused: the
     *     index of the request's {@code previous}
     * @param hint refused: where the leader may look next: the follower's best guess for a common entry, never more
     *     than its last entry. A hint only (pitfall 13). Accepted: equal to the entry at {@code index} or zero
     */
    record AppendEntriesResponse(long term, boolean isAccepted, long index, EntryId hint, long readRound, long epoch)
            implements Message {}

    /**
     * I lead, and this is where we are. Travels apart from entries so that it never waits behind them (pitfall 24).
     *
     * @param commitIndex min(leader's commit index, match index of this follower) (pitfall 14)
     */
    record Heartbeat(long term, long commitIndex, long readRound) implements Message {}

    /**
     * Between heartbeats: more is committed. Asks for no answer, since nothing depends on its arrival; the next heartbeat says it
     * again, and is answered.
     *
     * @param commitIndex as in {@link Heartbeat}
     */
    record CommitNotice(long term, long commitIndex) implements Message {}

    /**
     * @param lastIndex last index of the follower's log, durable or not; zero knowledge is not harmful
     * @param reluctance how much the follower would rather not lead now, see {@link
     *     io.axolotl.raft.Availability#reluctance}; {@link io.axolotl.raft.Availability#UNFIT} if it must not
     */
    record HeartbeatResponse(long term, long readRound, long lastIndex, int reluctance) implements Message {
        /** Of a follower that would as soon lead as anybody. */
        public HeartbeatResponse(long term, long readRound, long lastIndex) {
            this(term, readRound, lastIndex, 0);
        }
    }

    /**
     * Your log ends before mine begins: take this snapshot. The bytes travel beside the core; this message reaches the
     * receiving core when all files of the snapshot have arrived and been verified. The receiver keeps them until it has
     * installed this snapshot or a newer one, or has been told that it is not needed. Should the bytes not get through,
     * the sending core is told so by {@link io.axolotl.raft.Input.SnapshotFailed}: this message is not lost in silence.
     */
    record InstallSnapshot(long term, SnapshotMetadata snapshot) implements Message {}

    /**
     * @param installedIndex index up to which the follower's state is complete and durable: that of the snapshot, or its
     *     own commit index if it needed none (pitfall 44)
     */
    record InstallSnapshotResponse(long term, long installedIndex) implements Message {}

    /** Campaign at once, without pre-vote: you are to lead (thesis §3.10). */
    record TimeoutNow(long term) implements Message {}

    /**
     * A follower asks the leader up to which index it must have applied before it answers its reads (thesis §6.4).
     *
     * @param readId fresh for each request of one asker, never reused (pitfall 28)
     */
    record ReadIndexRequest(long term, long readId) implements Message {}

    /**
     * @param isConfirmed false if the receiver cannot confirm that it leads
     * @param index apply through this index first; meaningless unless confirmed
     */
    record ReadIndexResponse(long term, long readId, boolean isConfirmed, long index) implements Message {}
}

package io.axolotl.raft;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogSlice;
import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes what the leader sends, and campaigns when nobody leads (Raft §5.2, §5.3). Every node starts as one.
 *
 * <p>Confined to the driver thread.
 */
final class Follower implements Role {
    private long electionDeadlineNanos;

    /** When the leader last spoke; means something only while a leader is known. */
    private long heardAtNanos;

    /** Before {@link #electionDeadlineNanos}, when the leader seems to have ended. */
    private long earlyDeadlineNanos;

    private boolean isEarly;

    /** Reads asked here that the leader has to confirm, with the time to give up on each. */
    private final TreeMap<Long, Long> forwardedReads = new TreeMap<>();

    private Follower(long electionDeadlineNanos, long heardAtNanos) {
        this.electionDeadlineNanos = electionDeadlineNanos;
        this.heardAtNanos = heardAtNanos;
    }

    /** A follower that knows no leader and waits until {@code electionDeadlineNanos} for one. */
    static Follower waiting(long electionDeadlineNanos, NodeState state) {
        return new Follower(electionDeadlineNanos, state.nowNanos());
    }

    /** A follower of the leader that has just spoken. */
    static Follower of(NodeId leader, NodeState state, Outbox out) {
        state.knowLeader(leader, out);
        return new Follower(state.drawElectionDeadlineNanos(), state.nowNanos());
    }

    @Override
    public TraceEvent.RoleName name() {
        return TraceEvent.RoleName.FOLLOWER;
    }

    @Override
    public long electionDeadlineNanos(NodeState state) {
        return electionDeadlineNanos;
    }

    /**
     * While the leader was heard within the shortest election timeout, nobody gets a vote: a server that was removed or
     * cut off must not disrupt those who are served (pitfall 21). Rests on the leader's check of its quorum: without it a
     * leader that reaches one node only would bind that node for ever (pitfall 20).
     */
    @Override
    public boolean withholdsVotes(NodeState state) {
        return state.config().isCheckQuorum()
                && state.leader() != null
                && !state.isLeaderGone()
                && state.nowNanos() - heardAtNanos < state.config().electionTimeoutNanos();
    }

    /**
     * Where this node alone votes and nothing was ever in its log there is nobody to collide with, and mostly no leader to wait for:
     * so it campaigns sooner, but not before whoever leads has had the time to speak, nor before the end of a lease that an earlier
     * life of this node may have supported. For the folder of a founder that others have joined may have been emptied: it would
     * lead a second cluster of the same name, and lose what it acknowledges (pitfall 4). A node with a log waits for the whole
     * timeout: it may be an old copy from before others joined (fault D8).
     */
    void reachable(long withinNanos, NodeState state) {
        if (state.leader() != null || !state.isAloneWithNothing()) {
            return;
        }
        long heardNanos = state.nowNanos() + withinNanos;
        long allowedNanos = state.earlyCampaignNanos();
        long soonerNanos = heardNanos - allowedNanos > 0 ? heardNanos : allowedNanos;
        if (soonerNanos - electionDeadlineNanos < 0) {
            electionDeadlineNanos = soonerNanos;
        }
    }

    /** A vote was granted: whoever got it has a full timeout to win. */
    void rearm(NodeState state) {
        electionDeadlineNanos = state.drawElectionDeadlineNanos();
    }

    @Override
    public Role tick(NodeState state, Outbox out) {
        refuseOverdueReads(state, out);
        if (isEarly && state.isDue(earlyDeadlineNanos) && !state.isDue(electionDeadlineNanos)) {
            isEarly = false;
            return state.triesEarly() ? PreCandidate.campaignEarly(state, out, electionDeadlineNanos) : this;
        }
        if (!state.isDue(electionDeadlineNanos)) {
            return this;
        }
        if (state.mayCampaign()) {
            return PreCandidate.campaign(state, out, "no leader was heard in time");
        }
        state.forgetLeader();
        rearm(state);
        return this;
    }

    /** Whoever is told first would win, and all are told at once: so each waits a moment of its own. */
    @Override
    public void leaderGone(NodeState state, Outbox out) {
        if (!isEarly) {
            isEarly = true;
            earlyDeadlineNanos = state.drawEarlyDeadlineNanos();
        }
    }

    /** Another asks for pre-votes early and shall have the time to win. */
    void yieldEarly() {
        isEarly = false;
    }

    /** Campaigning now would punish the leader for our own sleep: waits a full timeout again (pitfall 23). */
    @Override
    public Role woke(NodeState state, Outbox out) {
        rearm(state);
        return tick(state, out);
    }

    @Override
    public Follower follow(NodeId leader, NodeState state, Outbox out) {
        state.knowLeader(leader, out);
        heardAtNanos = state.nowNanos();
        isEarly = false;
        rearm(state);
        return this;
    }

    // Entries

    void appendEntries(NodeId from, Message.AppendEntries request, NodeState state, Outbox out) {
        if (state.installing() != null) {
            out.trace(new TraceEvent.MessageIgnored(from, "AppendEntries", "a snapshot is being installed"));
            return;
        }
        RaftLog log = state.log();
        LogSlice slice = new LogSlice(request.previous(), request.entries());
        long lastIndex = slice.last().index();
        long border = log.previous().index();
        if (lastIndex < border) {
            // All of it is in our snapshot, so it is committed and equal.
            accept(from, lastIndex, request, state, out);
            return;
        }
        if (slice.previous().index() < border) {
            slice = slice.after(border);
        }
        if (!log.contains(slice.previous())) {
            refuse(from, slice.previous(), request, state, out);
            return;
        }
        state.adopt(slice, out);
        state.commitTo(Math.min(request.commitIndex(), lastIndex), out);
        accept(from, lastIndex, request, state, out);
    }

    /** Says no more than this request has proven (pitfall 10), and that only after the disk has it. */
    private static void accept(NodeId leader, long index, Message.AppendEntries request, NodeState state, Outbox out) {
        out.sendAfterPersist(
                leader,
                new Message.AppendEntriesResponse(
                        state.term(), true, index, EntryId.ZERO, request.readRound(), request.epoch()));
    }

    private static void refuse(
            NodeId leader, EntryId previous, Message.AppendEntries request, NodeState state, Outbox out) {
        RaftLog log = state.log();
        if (previous.index() <= log.commitIndex()) {
            throw new AssertionError("leader " + leader + " has " + previous + " where this node knows "
                    + new EntryId(log.term(previous.index()), previous.index())
                    + " to be committed: committed entries must never change; stopping to keep them");
        }
        long index = log.lastIndexOfTermAtMost(previous.term(), previous.index());
        EntryId hint = new EntryId(log.term(index), index);
        out.trace(new TraceEvent.AppendRefused(leader, previous, hint));
        out.send(
                leader,
                new Message.AppendEntriesResponse(
                        state.term(), false, request.previous().index(), hint, request.readRound(), request.epoch()));
    }

    void heartbeat(NodeId from, Message.Heartbeat heartbeat, NodeState state, Outbox out) {
        learnCommit(heartbeat.commitIndex(), state, out);
        out.send(
                from,
                new Message.HeartbeatResponse(
                        state.term(), heartbeat.readRound(), state.log().lastIndex(), state.reluctance()));
    }

    /**
     * The leader sends no more than we have acknowledged (pitfall 14); should we have lost that since, then its word about
     * the commit index is about entries that we do not hold.
     */
    void learnCommit(long commitIndex, NodeState state, Outbox out) {
        if (state.installing() == null && commitIndex <= state.log().lastIndex()) {
            state.commitTo(commitIndex, out);
        }
    }

    // Snapshot

    /** The files of a snapshot have arrived (Raft §7; pitfalls 41 to 44). */
    void installSnapshot(NodeId from, Message.InstallSnapshot request, NodeState state, Outbox out) {
        SnapshotMetadata snapshot = request.snapshot();
        RaftLog log = state.log();
        if (state.installing() != null) {
            state.install(snapshot, out);
            return;
        }
        if (log.contains(snapshot.last())) {
            // Entries do better than a snapshot: the tail behind it stays (pitfall 41).
            state.commitTo(snapshot.last().index(), out);
        }
        if (snapshot.last().index() <= log.commitIndex()) {
            out.trace(new TraceEvent.SnapshotIgnored(snapshot, log.commitIndex()));
            out.sendAfterPersist(from, new Message.InstallSnapshotResponse(state.term(), log.commitIndex()));
            return;
        }
        state.install(snapshot, out);
    }

    /** The snapshot is in place and durable: the answer may leave once its term is as well; unless a newer snapshot comes next. */
    void snapshotInstalled(NodeState state, Outbox out) {
        NodeId leader = state.leader();
        if (leader != null && state.installing() == null) {
            out.sendAfterPersist(
                    leader,
                    new Message.InstallSnapshotResponse(
                            state.term(), state.log().commitIndex()));
        }
    }

    // Transfer

    /** The leader wants this node in its place: campaigns at once and without pre-vote (thesis §3.10). */
    Role timeoutNow(NodeId from, NodeState state, Outbox out) {
        if (!state.mayCampaign()) {
            out.trace(new TraceEvent.MessageIgnored(from, "TimeoutNow", "this node may not lead"));
            return this;
        }
        if (state.disk().isSlow(state.nowNanos())) {
            out.trace(new TraceEvent.MessageIgnored(from, "TimeoutNow", "the disk here is slow"));
            return this;
        }
        return Candidate.campaign(state, out, true, "leader " + from + " hands over");
    }

    // Reads

    @Override
    public void readIndex(long readId, NodeState state, Outbox out) {
        NodeId leader = state.leader();
        if (leader == null) {
            Role.super.readIndex(readId, state, out);
            return;
        }
        forwardedReads.put(readId, state.nowNanos() + state.config().electionTimeoutNanos());
        out.send(leader, new Message.ReadIndexRequest(state.term(), readId));
    }

    @Override
    public Role readIndexAnswered(NodeId from, Message.ReadIndexResponse answer, NodeState state, Outbox out) {
        if (forwardedReads.remove(answer.readId()) == null) {
            out.trace(new TraceEvent.MessageIgnored(from, "ReadIndexResponse", "nobody waits for it"));
        } else if (answer.isConfirmed()) {
            out.answer(new ReadState.Confirmed(answer.readId(), answer.index()));
        } else {
            out.answer(new ReadState.Refused(answer.readId()));
            out.trace(new TraceEvent.ReadsRefused(1, "the leader could not confirm"));
        }
        return this;
    }

    private void refuseOverdueReads(NodeState state, Outbox out) {
        int refused = 0;
        for (Iterator<Map.Entry<Long, Long>> each = forwardedReads.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Long, Long> read = each.next();
            if (state.isDue(read.getValue())) {
                out.answer(new ReadState.Refused(read.getKey()));
                each.remove();
                refused++;
            }
        }
        if (refused > 0) {
            out.trace(new TraceEvent.ReadsRefused(refused, "the leader did not answer in time"));
        }
    }

    @Override
    public void leave(NodeState state, Outbox out, String reason) {
        if (forwardedReads.isEmpty()) {
            return;
        }
        for (long readId : forwardedReads.keySet()) {
            out.answer(new ReadState.Refused(readId));
        }
        out.trace(new TraceEvent.ReadsRefused(forwardedReads.size(), reason));
        forwardedReads.clear();
    }
}

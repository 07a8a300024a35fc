package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.replication.InflightWindow;
import io.axolotl.raft.replication.Progress;
import io.axolotl.raft.replication.ProgressState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of a leader that brings the others' logs to its own: decides what each follower is sent, and learns from the
 * answers.
 *
 * <p>Nothing is ever sent because of an answer alone; answers change what is believed, and {@link #flush} sends what
 * that belief calls for. Every loss heals without a new connection: a probe is repeated each heartbeat interval,
 * requests that stay unanswered lead back to probing, and a follower that a snapshot was offered to is asked whether
 * entries will do as soon as its log reaches ours, and is offered one again if for long it does not. Confined to the driver
 * thread.
 */
final class Replicator {
    /** A follower that answers heartbeats but has not received a request sent this many intervals ago will not get it. */
    private static final int LOST_AFTER_HEARTBEATS = 3;

    /**
     * An offered snapshot of which nothing came in so many election timeouts is offered again. Long, for whoever carries
     * snapshots ignores an offer while it carries one, but cannot see that the receiver is still putting one in place.
     */
    private static final int OFFER_AGAIN_AFTER_ELECTIONS = 30;

    private final TreeMap<NodeId, Progress> progresses = new TreeMap<>();

    /** The snapshot that each follower was offered last; it gets one at least as new. */
    private final TreeMap<NodeId, SnapshotMetadata> offers = new TreeMap<>();

    private final RemovedPeers removed = new RemovedPeers();

    /**
     * Takes up everybody but the leader itself, on the guess that their logs end as its own does; and whom the last change
     * has removed, for the leader of that time may have had no chance to tell them.
     */
    Replicator(NodeState state) {
        Membership previous = state.previousMembership();
        if (previous != null) {
            takeUp(previous, state);
        }
        followMembership(state);
    }

    /** Another membership is in force: takes up who is new in it, and prepares to part from who is not in it. */
    void followMembership(NodeState state) {
        takeUp(state.membership(), state);
        progresses.forEach((peer, progress) -> {
            if (state.membership().contains(peer)) {
                removed.remove(peer);
            } else {
                removed.add(peer, progress);
            }
        });
    }

    private void takeUp(Membership membership, NodeState state) {
        RaftConfig config = state.config();
        for (NodeId peer : membership.all()) {
            if (!state.isSelf(peer) && !progresses.containsKey(peer)) {
                progresses.put(
                        peer,
                        new Progress(
                                state.log().lastIndex() + 1,
                                new InflightWindow(config.maxInflightAppends(), config.maxInflightBytes())));
            }
        }
    }

    /** What is believed of {@code peer}, or null if nothing is owed to it. */
    @Nullable Progress of(NodeId peer) {
        return progresses.get(peer);
    }

    /** Last index known to be durable at {@code peer}; 0 if nothing is known of it. */
    long matchIndex(NodeId peer) {
        Progress progress = progresses.get(peer);
        return progress == null ? 0 : progress.matchIndex();
    }

    /** The newest round of read confirmation that {@code peer} has answered. */
    long acknowledgedRound(NodeId peer) {
        Progress progress = progresses.get(peer);
        return progress == null ? 0 : progress.acknowledgedRound();
    }

    boolean isRecentlyActive(NodeId peer) {
        Progress progress = progresses.get(peer);
        return progress != null && progress.isRecentlyActive();
    }

    void forgetActivity() {
        progresses.values().forEach(Progress::forgetActivity);
    }

    /**
     * Whether {@code learner} may be given a vote: it lacks no more than one request can bring, and it is there. Otherwise
     * the first thing its vote did would be to hold up every commit (pitfall 38).
     */
    boolean isReadyToVote(NodeId learner, NodeState state) {
        Progress progress = progresses.get(learner);
        return progress != null
                && state.log().lastIndex() - progress.matchIndex()
                        <= state.config().maxEntriesPerAppend()
                && progress.isHeardSince(state.nowNanos() - state.config().electionTimeoutNanos());
    }

    /** The voter that holds most of the log, for a leader that is no voter itself. */
    NodeId bestVoter(Membership membership) {
        NodeId best = membership.voters().first();
        for (NodeId voter : membership.voters()) {
            if (matchIndex(voter) > matchIndex(best)) {
                best = voter;
            }
        }
        return best;
    }

    // Answers

    void appendAnswered(
            NodeId peer, Progress progress, Message.AppendEntriesResponse answer, NodeState state, Outbox out) {
        RaftLog log = state.log();
        ProgressState before = progress.state();
        if (answer.isAccepted()) {
            if (answer.index() > log.lastIndex()) {
                out.trace(new TraceEvent.MessageIgnored(
                        peer, "AppendEntriesResponse", "accepts index " + answer.index() + ", which was never sent"));
                return;
            }
            progress.accepted(answer.index(), answer.epoch(), state.nowNanos());
            leaveSnapshotIfReached(peer, progress, log);
        } else {
            // The hint tells where the follower's log could meet ours; ours tells from where on it certainly does not.
            long common = log.lastIndexOfTermAtMost(
                    answer.hint().term(), answer.hint().index());
            if (!progress.refused(answer.index(), common + 1, answer.epoch())
                    && progress.state() != ProgressState.SNAPSHOT) {
                out.trace(new TraceEvent.MessageIgnored(
                        peer, "AppendEntriesResponse", "refuses what is no longer asked"));
            }
        }
        traceChange(peer, before, progress, out);
    }

    void heartbeatAnswered(
            NodeId peer,
            Progress progress,
            Message.HeartbeatResponse answer,
            ReadIndexQueue reads,
            NodeState state,
            Outbox out) {
        progress.toldReluctance(answer.reluctance());
        if (progress.state() == ProgressState.SNAPSHOT) {
            askWhetherLogsMeet(peer, progress, answer.lastIndex(), reads, state, out);
        }
        boolean isMissing = progress.state() == ProgressState.REPLICATE
                && !progress.inflight().isEmpty()
                && answer.lastIndex() < progress.inflight().oldestLastIndex();
        if (isMissing
                && progress.overdueNanos(state.nowNanos())
                        >= LOST_AFTER_HEARTBEATS * state.config().heartbeatIntervalNanos()) {
            probeAtOnce(peer, progress, out);
        }
    }

    /**
     * Asks a follower whose log is long enough whether it holds the end of the snapshot, or else what its log ends in, if
     * ours still reaches there. A lost answer must not leave us waiting for ever (pitfall 44); nor must an older snapshot
     * than the offered one, which is all that came if a transfer of it was under way when this one was offered. A refusal
     * means "not yet".
     */
    private void askWhetherLogsMeet(
            NodeId peer, Progress progress, long lastIndex, ReadIndexQueue reads, NodeState state, Outbox out) {
        RaftLog log = state.log();
        EntryId end = offerTo(peer).last();
        EntryId asked;
        if (lastIndex >= end.index()) {
            asked = end;
        } else if (lastIndex >= log.previous().index()) {
            asked = new EntryId(log.term(lastIndex), lastIndex);
        } else {
            return;
        }
        out.send(
                peer,
                new Message.AppendEntries(
                        state.term(), asked, List.of(), log.commitIndex(), reads.round(), progress.epoch()));
    }

    void snapshotInstalled(
            NodeId peer, Progress progress, Message.InstallSnapshotResponse answer, NodeState state, Outbox out) {
        ProgressState before = progress.state();
        progress.matched(Math.min(answer.installedIndex(), state.log().lastIndex()), state.nowNanos());
        if (before == ProgressState.SNAPSHOT) {
            progress.leaveSnapshot();
        }
        traceChange(peer, before, progress, out);
    }

    private void leaveSnapshotIfReached(NodeId peer, Progress progress, RaftLog log) {
        if (progress.state() == ProgressState.SNAPSHOT
                && (progress.matchIndex() >= offerTo(peer).last().index()
                        || progress.matchIndex() >= log.previous().index())) {
            progress.leaveSnapshot();
        }
    }

    /** What was on its way to {@code peer} is lost: starts anew, but not in a hurry, for it may still be unreachable. */
    void peerUnreachable(NodeId peer, Outbox out) {
        Progress progress = progresses.get(peer);
        if (progress != null) {
            ProgressState before = progress.state();
            progress.doubt();
            traceChange(peer, before, progress, out);
        }
    }

    /** No snapshot is on its way to {@code peer} any more; the next probe finds out whether it still needs one. */
    void snapshotFailed(NodeId peer, Outbox out) {
        Progress progress = progresses.get(peer);
        if (progress != null && progress.state() == ProgressState.SNAPSHOT) {
            peerUnreachable(peer, out);
        }
    }

    // Time

    /** A heartbeat interval has passed. */
    void heartbeatInterval(NodeState state, Outbox out) {
        for (Map.Entry<NodeId, Progress> each : progresses.entrySet()) {
            NodeId peer = each.getKey();
            Progress progress = each.getValue();
            progress.retryProbe();
            if (progress.overdueNanos(state.nowNanos()) >= state.config().electionTimeoutNanos()) {
                probeAtOnce(peer, progress, out);
            }
            if (progress.state() == ProgressState.SNAPSHOT
                    && state.nowNanos() - progress.offeredAtNanos()
                            >= OFFER_AGAIN_AFTER_ELECTIONS * state.config().electionTimeoutNanos()) {
                // The same one, so that a transfer under way is not taken for one of something older.
                offer(peer, progress, offerTo(peer), state, out);
            }
        }
        for (NodeId peer : removed.release(state, out)) {
            progresses.remove(peer);
            offers.remove(peer);
        }
    }

    private static void probeAtOnce(NodeId peer, Progress progress, Outbox out) {
        ProgressState before = progress.state();
        progress.doubt();
        progress.retryProbe();
        traceChange(peer, before, progress, out);
    }

    // Sending

    /**
     * Sends to each follower what it lacks, as far as its window allows. A heartbeat goes to everybody if one is due, and
     * otherwise to those who have to confirm a new read round and to whom no entries go now; a mere notice to those who
     * have only a new commit index to learn.
     */
    void flush(boolean isHeartbeatDue, ReadIndexQueue reads, NodeState state, Outbox out) {
        for (Map.Entry<NodeId, Progress> each : progresses.entrySet()) {
            NodeId peer = each.getKey();
            Progress progress = each.getValue();
            boolean hasSpoken = appendEntries(peer, progress, reads, state, out);
            long commitIndex = Math.min(state.log().commitIndex(), progress.matchIndex());
            boolean asksRound = reads.hasUnsentRound() && state.membership().isVoter(peer);
            if (isHeartbeatDue || (asksRound && !hasSpoken)) {
                out.send(peer, new Message.Heartbeat(state.term(), commitIndex, reads.round()));
                progress.toldCommit(commitIndex);
            } else if (progress.toldCommitIndex() < commitIndex && !hasSpoken) {
                out.send(peer, new Message.CommitNotice(state.term(), commitIndex));
                progress.toldCommit(commitIndex);
            }
        }
        reads.roundSent();
    }

    private boolean appendEntries(NodeId peer, Progress progress, ReadIndexQueue reads, NodeState state, Outbox out) {
        RaftLog log = state.log();
        RaftConfig config = state.config();
        boolean hasSpoken = false;
        while (progress.maySend()) {
            long previousIndex = progress.nextIndex() - 1;
            if (previousIndex < log.previous().index()) {
                offer(peer, progress, state.snapshot(), state, out);
                break;
            }
            boolean isProbe = progress.state() == ProgressState.PROBE;
            boolean carriesEntries = progress.nextIndex() <= log.lastIndex() && (!isProbe || progress.isProbeLoaded());
            if (!carriesEntries && !isProbe) {
                break;
            }
            List<Entry> entries = carriesEntries
                    ? log.entries(
                            progress.nextIndex(),
                            log.lastIndex(),
                            config.maxEntriesPerAppend(),
                            config.maxBytesPerAppend())
                    : List.of();
            long sizeBytes = sizeBytes(entries);
            if (!isProbe && !progress.inflight().fits(sizeBytes)) {
                break;
            }
            long lastIndex = previousIndex + entries.size();
            out.send(
                    peer,
                    new Message.AppendEntries(
                            state.term(),
                            new EntryId(log.term(previousIndex), previousIndex),
                            entries,
                            log.commitIndex(),
                            reads.round(),
                            progress.epoch()));
            progress.sent(lastIndex, sizeBytes, state.nowNanos());
            progress.toldCommit(Math.min(log.commitIndex(), lastIndex));
            hasSpoken = true;
        }
        return hasSpoken;
    }

    private static long sizeBytes(List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        return bytes;
    }

    private SnapshotMetadata offerTo(NodeId peer) {
        SnapshotMetadata offered = offers.get(peer);
        if (offered == null) {
            throw new AssertionError("no snapshot was offered to " + peer);
        }
        return offered;
    }

    /** Offers a snapshot to whoever needs what the log no longer holds; not to the silent, nor to those who are to leave. */
    private void offer(NodeId peer, Progress progress, SnapshotMetadata snapshot, NodeState state, Outbox out) {
        if (!progress.isRecentlyActive() || removed.contains(peer)) {
            return;
        }
        ProgressState before = progress.state();
        offers.put(peer, snapshot);
        progress.offeredSnapshot(state.nowNanos());
        out.send(peer, new Message.InstallSnapshot(state.term(), snapshot));
        out.trace(new TraceEvent.SnapshotOffered(peer, snapshot));
        traceChange(peer, before, progress, out);
    }

    private static void traceChange(NodeId peer, ProgressState before, Progress progress, Outbox out) {
        if (before != progress.state()) {
            out.trace(new TraceEvent.ProgressChanged(
                    peer, before.toString(), progress.state().toString(), progress.nextIndex()));
        }
    }

    List<NodeView.PeerView> views() {
        List<NodeView.PeerView> views = new ArrayList<>(progresses.size());
        progresses.forEach((peer, progress) -> views.add(new NodeView.PeerView(
                peer,
                progress.state().toString(),
                progress.matchIndex(),
                progress.nextIndex(),
                progress.inflight().count(),
                progress.isRecentlyActive(),
                progress.reluctance())));
        return List.copyOf(views);
    }
}

package io.axolotl.raft.testing;

import io.axolotl.raft.HardState;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hears what all nodes of a cluster do and fails with an {@link AssertionError} at the first broken promise: the five
 * properties of Raft Figure 3, votes and acknowledgements that are durable before they leave, terms and commit indices
 * that never go back, over crashes too, reads that see everything committed before they were asked, and memberships that
 * follow each other one legal step at a time (I16).
 *
 * <p>Tell it of every event as it happens: {@link #started} when a node (re)starts, {@link #appended} for the entries of
 * each {@code Ready}, {@link #sent} for each message that leaves, {@link #applied} for each entry that is applied, {@link
 * #readAsked} and {@link #readConfirmed} for reads, {@link #observed} after each step. Nothing here depends on how the
 * nodes are run.
 */
public final class SafetyChecker {
    private record Appended(Entry entry, EntryId previous) {}

    private record Committed(EntryId id, long knownInTerm) {}

    /** What a node has in its log, as far as it has told. */
    private static final class KnownLog {
        private final TreeMap<Long, EntryId> ids = new TreeMap<>();

        EntryId last() {
            Map.Entry<Long, EntryId> last = ids.lastEntry();
            return last == null ? EntryId.ZERO : last.getValue();
        }
    }

    private final TreeMap<Long, NodeId> leaderOfTerm = new TreeMap<>();
    private final TreeMap<EntryId, Appended> everAppended = new TreeMap<>();
    private final TreeMap<Long, Committed> committed = new TreeMap<>();
    private final TreeMap<Long, Entry> applied = new TreeMap<>();
    private final TreeMap<NodeId, KnownLog> logs = new TreeMap<>();
    private final TreeMap<NodeId, NodeView> lastViews = new TreeMap<>();
    private final TreeMap<NodeId, TreeMap<Long, NodeId>> votes = new TreeMap<>();
    private final TreeMap<NodeId, TreeMap<Long, Long>> reads = new TreeMap<>();
    private @Nullable Membership membership;

    /**
     * A node starts, for the first time or again.
     *
     * @param log what its disk holds, {@code previous} and all entries behind it
     */
    public void started(NodeId node, EntryId previous, Iterable<Entry> log) {
        KnownLog known = new KnownLog();
        known.ids.put(previous.index(), previous);
        logs.put(node, known);
        lastViews.remove(node);
        for (Entry entry : log) {
            append(node, known, entry);
        }
    }

    /** A node appends entries; a first index that is not behind its last cuts its suffix. */
    public void appended(NodeId node, Iterable<Entry> entries) {
        KnownLog known = log(node);
        for (Entry entry : entries) {
            append(node, known, entry);
        }
    }

    private void append(NodeId node, KnownLog known, Entry entry) {
        known.ids.tailMap(entry.index(), true).clear();
        EntryId previous = known.last();
        require(
                previous.index() == entry.index() - 1,
                "node %s has a gap before %s: ends in %s",
                node,
                entry,
                previous);
        Appended before = everAppended.putIfAbsent(entry.id(), new Appended(entry, previous));
        require(
                before == null
                        || (before.entry().equals(entry) && before.previous().equals(previous)),
                "Log Matching: node %s has %s behind %s, elsewhere it was %s",
                node,
                entry,
                previous,
                before);
        known.ids.put(entry.index(), entry.id());
    }

    /** A snapshot has replaced a node's log. */
    public void installed(NodeId node, EntryId snapshotLast) {
        Committed known = committed.get(snapshotLast.index());
        require(
                known != null && known.id().equals(snapshotLast),
                "node %s has installed a snapshot of %s, but committed is %s",
                node,
                snapshotLast,
                known);
        KnownLog log = log(node);
        log.ids.clear();
        log.ids.put(snapshotLast.index(), snapshotLast);
    }

    /**
     * A message leaves a node: what it promises must be on the disk.
     *
     * @param onDisk what a crash at this moment would leave of term and vote
     * @param lastOnDisk index of the last entry that it would leave
     */
    public void sent(NodeId from, NodeId to, Message message, HardState onDisk, long lastOnDisk) {
        if (message instanceof Message.RequestVoteResponse answer && answer.isGranted()) {
            requireVote(from, to, answer.term(), onDisk);
        } else if (message instanceof Message.RequestVote request) {
            requireVote(from, from, request.term(), onDisk);
        } else if (message instanceof Message.AppendEntriesResponse answer && answer.isAccepted()) {
            require(
                    onDisk.term() > answer.term() || (onDisk.term() == answer.term() && lastOnDisk >= answer.index()),
                    "node %s acknowledges index %s in term %s, but its disk ends at %s in term %s (pitfall 9)",
                    from,
                    answer.index(),
                    answer.term(),
                    lastOnDisk,
                    onDisk.term());
        }
    }

    private void requireVote(NodeId voter, NodeId candidate, long term, HardState onDisk) {
        require(
                onDisk.term() > term || (onDisk.term() == term && candidate.equals(onDisk.votedFor())),
                "node %s gives its vote of term %s to %s, but its disk says %s (pitfall 1)",
                voter,
                term,
                candidate,
                onDisk);
        NodeId before = votes.computeIfAbsent(voter, v -> new TreeMap<>()).putIfAbsent(term, candidate);
        require(
                before == null || before.equals(candidate),
                "node %s gives its vote of term %s to %s and to %s",
                voter,
                term,
                before,
                candidate);
    }

    /** A node's state after a step. */
    public void observed(NodeView view) {
        NodeView before = lastViews.put(view.self(), view);
        if (before != null) {
            require(view.term() >= before.term(), "the term of node %s went back to %s", view.self(), view);
            require(
                    view.commitIndex() >= before.commitIndex(),
                    "the commit index of %s went back to %s",
                    view.self(),
                    view);
        }
        if (view.isLeader()) {
            NodeId other = leaderOfTerm.putIfAbsent(view.term(), view.self());
            require(
                    other == null || other.equals(view.self()),
                    "Election Safety: %s and %s lead term %s",
                    other,
                    view.self(),
                    view.term());
            if (other == null) {
                requireComplete(view);
            }
        }
    }

    /** Leader Completeness: what was committed in earlier terms is in the log of every later leader. */
    private void requireComplete(NodeView leader) {
        KnownLog log = log(leader.self());
        long firstIndex = log.ids.firstKey();
        for (Committed each : committed.values()) {
            if (each.id().index() > firstIndex && each.knownInTerm() < leader.term()) {
                require(
                        each.id().equals(log.ids.get(each.id().index())),
                        "Leader Completeness: %s was committed, the leader of term %s, node %s, has %s there",
                        each.id(),
                        leader.term(),
                        leader.self(),
                        log.ids.get(each.id().index()));
            }
        }
    }

    /**
     * A node has made its commit index known, and its log has been told through there.
     *
     * @param term the node's term at that time
     */
    public void committed(NodeId node, long term, long fromIndex, long toIndex) {
        KnownLog log = log(node);
        for (long i = fromIndex + 1; i <= toIndex; i++) {
            EntryId id = log.ids.get(i);
            if (id == null) {
                continue;
            }
            Committed before = committed.putIfAbsent(i, new Committed(id, term));
            require(
                    before == null || before.id().equals(id),
                    "node %s calls %s committed, elsewhere it was %s",
                    node,
                    id,
                    before);
        }
    }

    /** A node applies an entry. */
    public void applied(NodeId node, Entry entry) {
        Entry before = applied.putIfAbsent(entry.index(), entry);
        require(
                before == null || before.equals(entry),
                "State Machine Safety: node %s applies %s, elsewhere it was %s",
                node,
                entry,
                before);
        Committed known = committed.get(entry.index());
        require(known != null, "node %s applies %s, which nobody has committed", node, entry);
        if (before == null && entry.kind() == Entry.Kind.MEMBERSHIP) {
            follow(entry);
        }
    }

    /** The cluster begins with this membership. Without this the first one that is applied is believed. */
    public void formed(Membership first) {
        membership = first;
    }

    /** The membership of the entry that was applied last, by whoever was the first to do so. */
    public @Nullable Membership membership() {
        return membership;
    }

    /** Entries are applied for the first time in order of their index, so memberships are met in order. */
    private void follow(Entry entry) {
        Membership next = Membership.decode(entry.payload());
        Membership last = membership;
        membership = next;
        if (last == null) {
            return;
        }
        boolean isStep = last.isJoint()
                ? next.equals(last.leaveJoint())
                : next.outgoingVoters().equals(last.voters())
                        || (!next.isJoint() && next.voters().equals(last.voters()));
        require(isStep, "I16: membership %s follows %s, at %s", next, last, entry.id());
    }

    /** Everything that any node calls committed now must be visible to this read. */
    public void readAsked(NodeId node, long readId) {
        long committedIndex = committed.isEmpty() ? 0 : committed.lastKey();
        reads.computeIfAbsent(node, n -> new TreeMap<>()).put(readId, committedIndex);
    }

    public void readConfirmed(NodeId node, long readId, long index) {
        TreeMap<Long, Long> asked = reads.get(node);
        Long atLeast = asked == null ? null : asked.remove(readId);
        require(atLeast != null, "node %s confirms read %s twice or unasked", node, readId);
        require(
                atLeast == null || index >= atLeast,
                "stale read: node %s may serve read %s at %s, but %s was committed when it was asked",
                node,
                readId,
                index,
                atLeast);
    }

    /** The highest index that any node has called committed. */
    public long committedIndex() {
        return committed.isEmpty() ? 0 : committed.lastKey();
    }

    /** The ids of a node's log from {@code fromIndex} on, as far as it has told. */
    public List<EntryId> log(NodeId node, long fromIndex) {
        return List.copyOf(log(node).ids.tailMap(fromIndex, true).values());
    }

    private KnownLog log(NodeId node) {
        KnownLog log = logs.get(node);
        if (log == null) {
            throw new IllegalStateException("node " + node + " was never started");
        }
        return log;
    }

    private static void require(boolean holds, String message, @Nullable Object... values) {
        if (!holds) {
            throw new AssertionError(Words.fill(message, values));
        }
    }
}

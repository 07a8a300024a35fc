package io.axolotl.jepsen.simulation;

import io.axolotl.raft.HardState;
import io.axolotl.raft.NodeView;
import io.axolotl.raft.VoteEmbargo;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.raft.message.Message.AppendEntriesResponse;
import io.axolotl.raft.message.Message.InstallSnapshotResponse;
import io.axolotl.raft.message.Message.RequestVote;
import io.axolotl.raft.message.Message.RequestVoteResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sees everything and believes nothing: after each event it holds what the nodes did against what Raft promises. Its
 * memory outlives every crash, so a node that forgets is caught.
 *
 * <p>What is durable it learns from the disk below the node's code ({@link DiskObserver}), not from the node.
 *
 * <p>Confined to the simulation's thread.
 */
final class Judge {
    private static final long NOTHING_COMPACTED = -1;

    /** What the judge knows of one node, over all its lives. */
    private static final class Dossier {
        final Map<Long, NodeId> votes = new HashMap<>();
        HardState durable = HardState.INITIAL;
        LogShadow log = new LogShadow(EntryId.ZERO);
        LogShadow durableLog = new LogShadow(EntryId.ZERO);

        /** Up to here nothing that is durable has been asked to be cut. */
        long uncontestedIndex = Long.MAX_VALUE;

        long durableStateIndex;

        long term;
        long commitIndex;
        long appliedIndex;
        long revision;
        long compactRevision = NOTHING_COMPACTED;
        boolean isLeader;

        /** Bytes have changed under it: it may lack what it had synced, if it says so. */
        boolean isRotten;

        /** It has another disk than it had: it may lack all, and nobody may hear it. */
        boolean hasOtherDisk;

        /** What it had promised before, until it has come back with all of it: each start is held against this. */
        HardState promised = HardState.INITIAL;

        LogShadow promisedLog = new LogShadow(EntryId.ZERO);

        /** What it had synced, and acknowledged, before damage took some of it or its disk was exchanged: that was counted. */
        @Nullable LogShadow vouched;
    }

    /**
     * One entry of the one true log.
     *
     * @param knownInTerm it was committed by a leader of this term or an earlier one
     */
    private record Committed(long term, Entry.Kind kind, byte[] payload, long knownInTerm) {}

    /** An entry as the first node that was given it to write had it. */
    private record Given(long previousTerm, Entry.Kind kind, int payloadHash) {}

    private final History history;
    private final Marks marks;
    private final Map<NodeId, Dossier> dossiers = new LinkedHashMap<>();

    /** The membership as of the newest committed entry. */
    private Membership membership;

    /** All that were in one. */
    private final Set<NodeId> former = new TreeSet<>();

    private final TreeMap<Long, NodeId> leaders = new TreeMap<>();
    private final Map<EntryId, Given> everGiven = new HashMap<>();
    private final List<Committed> committed = new ArrayList<>();

    private final StoreOracle oracle = new StoreOracle();
    private final StateJudge states;
    private final ClientJudge clients;

    private final SessionOracle sessions;

    /** Of the store after each entry of {@link #committed}. */
    private final List<Long> revisions = new ArrayList<>();

    private long leadersCommitIndex;

    /**
     * @param membership who of them belongs to the cluster at the start
     */
    Judge(History history, Marks marks, Membership membership) {
        this.history = history;
        this.marks = marks;
        this.membership = membership;
        this.sessions = new SessionOracle(marks);
        this.states = new StateJudge(marks);
        this.clients = new ClientJudge(history, oracle);
    }

    /** The membership as of the newest entry that any node may apply. */
    Membership membership() {
        return membership;
    }

    /** Whether this node was in a committed membership once, and is in the newest no more. */
    boolean hasLeft(NodeId node) {
        return former.contains(node) && !membership.contains(node);
    }

    StoreOracle oracle() {
        return oracle;
    }

    /** Of the states that nodes come to. */
    StateJudge states() {
        return states;
    }

    /** Of what clients are told. */
    ClientJudge clients() {
        return clients;
    }

    /** Index of the newest entry that any node may apply. */
    long committedIndex() {
        return committed.size();
    }

    private Dossier dossier(NodeId node) {
        return dossiers.computeIfAbsent(node, ignored -> new Dossier());
    }

    // ---- what is durable -------------------------------------------------------------------------------------------

    /** The node's core has given out entries to be written. */
    void entriesGiven(NodeId node, List<Entry> entries) {
        Dossier dossier = dossier(node);
        if (entries.isEmpty()) {
            return;
        }
        long first = entries.get(0).index();
        if (first <= dossier.log.lastIndex()) {
            dossier.uncontestedIndex = Math.min(dossier.uncontestedIndex, first - 1);
        }
        if (first <= Math.min(committedIndex(), dossier.log.lastIndex())) {
            checkCutSparesCommitted(node, dossier, entries);
        }
        dossier.log.append(entries);
        checkLogMatching(node, dossier.log, entries);
    }

    /** Entries of one index and term are the same everywhere, and so is what stands before them (I2). */
    private void checkLogMatching(NodeId node, LogShadow log, List<Entry> entries) {
        long previousTerm = log.term(entries.get(0).index() - 1);
        for (Entry entry : entries) {
            Given given = new Given(previousTerm, entry.kind(), Arrays.hashCode(entry.payload()));
            Given known = everGiven.putIfAbsent(entry.id(), given);
            if (known != null && !known.equals(given)) {
                throw new InvariantViolation(
                        "I2 log matching",
                        "node " + node + " is given " + entry + " behind an entry of term " + previousTerm
                                + ", elsewhere it was " + known);
            }
            previousTerm = entry.term();
        }
    }

    private void checkCutSparesCommitted(NodeId node, Dossier dossier, List<Entry> entries) {
        for (long index = entries.get(0).index();
                index <= Math.min(committedIndex(), dossier.log.lastIndex());
                index++) {
            long truth = committed.get((int) index - 1).term();
            int offset = (int) (index - entries.get(0).index());
            boolean staysTrue = offset < entries.size() && entries.get(offset).term() == truth;
            if (dossier.log.term(index) == truth && !staysTrue) {
                throw new InvariantViolation(
                        "I4 committed entries stay",
                        "node " + node + " cuts committed entry " + new EntryId(truth, index));
            }
        }
    }

    void entriesDurable(NodeId node, List<Entry> entries) {
        dossier(node).durableLog.append(entries);
    }

    /** Everything that was given to the node's disk has been synced. */
    void nothingUnderWay(NodeId node) {
        dossier(node).uncontestedIndex = Long.MAX_VALUE;
    }

    void hardStateDurable(NodeId node, HardState state) {
        dossier(node).durable = state;
    }

    void prefixTruncated(NodeId node, long index) {
        dossier(node).log.truncatePrefix(index);
        dossier(node).durableLog.truncatePrefix(index);
    }

    void snapshotInstalled(NodeId node, EntryId last) {
        dossier(node).log.reset(last);
        dossier(node).durableLog.reset(last);
    }

    /** An installed snapshot is about to replace the log. What the log holds is not needed any more, whatever it is. */
    void installUnderWay(NodeId node) {
        dossier(node).uncontestedIndex = 0;
    }

    void stateDurable(NodeId node, long index) {
        dossier(node).durableStateIndex = index;
    }

    /**
     * A node came back with this much memory. Everything it promised must be in it (I6, I11; pitfalls 1, 5).
     *
     * @param isLogReset whether the log was emptied because a newer snapshot contradicts it
     * @param embargo what the node says it has lost to damage
     */
    void recovered(
            NodeId node,
            HardState state,
            LogShadow log,
            boolean isLogReset,
            long appliedIndex,
            @Nullable VoteEmbargo embargo) {
        Dossier dossier = dossier(node);
        if (dossier.hasOtherDisk) {
            if (lacksNothing(dossier, state, log)) {
                // What was taken from it, it had not promised to anybody.
                dossier.hasOtherDisk = false;
            } else {
                marks.hit("judge: one that has forgotten was watched");
            }
            isBackWith(dossier, state, log, appliedIndex);
            return;
        }
        HardState promised = dossier.durable;
        if (state.term() < promised.term()) {
            throw new InvariantViolation(
                    "I6 terms never go back",
                    "node " + node + " restarted in term " + state.term() + " although it had synced term "
                            + promised.term());
        }
        if (state.term() == promised.term()
                && promised.votedFor() != null
                && !Objects.equals(state.votedFor(), promised.votedFor())) {
            throw new InvariantViolation(
                    "I1 one vote per term",
                    "node " + node + " restarted with vote " + state.votedFor() + " in term " + state.term()
                            + " although it had synced a vote for " + promised.votedFor());
        }
        if (appliedIndex < dossier.durableStateIndex && !dossier.isRotten) {
            throw new InvariantViolation(
                    "I11 recovery from any crash",
                    "node " + node + " restarted with state " + appliedIndex + " although it had synced state "
                            + dossier.durableStateIndex);
        }
        long mustKeep = Math.min(dossier.durableLog.lastIndex(), dossier.uncontestedIndex);
        for (long index = Math.max(
                        dossier.durableLog.previous().index(), log.previous().index());
                index <= mustKeep;
                index++) {
            long term = dossier.durableLog.term(index);
            boolean isKept = log.knows(index) && log.term(index) == term;
            // A snapshot that was complete takes the place of a log that contradicts it; not of what is committed.
            boolean isReplaced = isLogReset && !isCommitted(index, term);
            boolean isInState = dossier.isRotten && index <= appliedIndex;
            boolean isOwnedUpTo = dossier.isRotten && embargo != null && covers(embargo, promised, dossier, mustKeep);
            if (!isKept && isOwnedUpTo && dossier.vouched == null) {
                dossier.vouched = dossier.durableLog.copy();
                marks.hit("judge: a loss was owned up to");
            }
            if (!isKept && !isReplaced && !isInState && !isOwnedUpTo) {
                throw new InvariantViolation(
                        "I4 synced entries stay",
                        "node " + node + " restarted with log " + log + " although it had synced "
                                + new EntryId(term, index));
            }
        }
        isBackWith(dossier, state, log, appliedIndex);
    }

    /** All that was promised was so in terms that the embargo is through, and the log's end is not taken for an earlier one. */
    private static boolean covers(VoteEmbargo embargo, HardState promised, Dossier dossier, long lastIndex) {
        EntryId known = embargo.knownLast();
        return embargo.throughTerm() >= promised.term()
                && (known == null || known.compareTo(new EntryId(dossier.durableLog.term(lastIndex), lastIndex)) >= 0);
    }

    private static boolean lacksNothing(Dossier dossier, HardState state, LogShadow log) {
        HardState promised = dossier.promised;
        boolean keepsVote = state.term() > promised.term()
                || (state.term() == promised.term()
                        && (promised.votedFor() == null || promised.votedFor().equals(state.votedFor())));
        long last = dossier.promisedLog.lastIndex();
        return keepsVote && (last == 0 || (log.knows(last) && log.term(last) == dossier.promisedLog.term(last)));
    }

    private static void isBackWith(Dossier dossier, HardState state, LogShadow log, long appliedIndex) {
        dossier.durable = state;
        dossier.log = log;
        dossier.durableLog = log.copy();
        dossier.uncontestedIndex = Long.MAX_VALUE;
        dossier.durableStateIndex = appliedIndex;
        dossier.term = state.term();
        dossier.commitIndex = 0;
        dossier.appliedIndex = 0;
        dossier.revision = 0;
        dossier.compactRevision = NOTHING_COMPACTED;
        dossier.isLeader = false;
    }

    /** Bytes have changed on this node's disk. */
    void rots(NodeId node) {
        dossier(node).isRotten = true;
    }

    /** It has made up for all that was destroyed. */
    void whole(NodeId node) {
        dossier(node).isRotten = false;
        dossier(node).vouched = null;
    }

    /** This node's disk was exchanged for an empty or an old one. */
    void lostItsDisk(NodeId node) {
        Dossier dossier = dossier(node);
        if (!dossier.hasOtherDisk) {
            dossier.hasOtherDisk = true;
            dossier.promised = dossier.durable;
            dossier.promisedLog = dossier.durableLog.copy();
        }
        dossier.vouched = dossier.durableLog.copy();
    }

    /** Whether it lives with another disk and lacks what it had promised. */
    boolean hasForgotten(NodeId node) {
        return dossier(node).hasOtherDisk;
    }

    /** A message of one that has forgotten was let in, as if it still were who it was (I16, D19, D20). */
    static void heard(NodeId from, Message message) {
        boolean isPromise = (message instanceof RequestVoteResponse vote && vote.isGranted())
                || message instanceof RequestVote
                || (message instanceof AppendEntriesResponse append && append.isAccepted());
        if (isPromise) {
            throw new InvariantViolation(
                    "I16 one that has forgotten takes no part",
                    "node " + from + ", which has lost its disk or has an old one, was heard: " + message);
        }
    }

    private boolean isCommitted(long index, long term) {
        return index >= 1
                && index <= committedIndex()
                && committed.get((int) index - 1).term() == term;
    }

    // ---- what is said ----------------------------------------------------------------------------------------------

    /** A message leaves {@code node} now. Nothing may leave before what it rests on is synced (pitfall 1, 9, 10). */
    void sent(NodeId node, Envelope envelope) {
        Dossier dossier = dossier(node);
        Message message = envelope.message();
        if (dossier.hasOtherDisk) {
            // Nobody hears it; see heard().
            return;
        }
        if (message instanceof RequestVote request) {
            voted(node, request.term(), node);
            requireDurableVote(node, dossier, request.term(), node);
        } else if (message instanceof RequestVoteResponse response && response.isGranted()) {
            voted(node, response.term(), envelope.to());
            requireDurableVote(node, dossier, response.term(), envelope.to());
        } else if (message instanceof AppendEntriesResponse response && response.isAccepted()) {
            requireDurableEntries(node, dossier, response.term(), response.index());
        } else if (message instanceof InstallSnapshotResponse response) {
            requireDurableTerm(node, dossier, response.term());
            long durable = Math.max(dossier.durableStateIndex, dossier.durableLog.lastIndex());
            if (dossier.durable.term() == response.term() && durable < response.installedIndex()) {
                throw new InvariantViolation(
                        "nothing sent before its sync",
                        "node " + node + " says that its state is durable through " + response.installedIndex()
                                + ", but a crash now would leave " + durable);
            }
        }
    }

    private void voted(NodeId node, long term, NodeId candidate) {
        NodeId before = dossier(node).votes.putIfAbsent(term, candidate);
        if (before != null && !before.equals(candidate)) {
            throw new InvariantViolation(
                    "I1 one vote per term",
                    "node " + node + " voted for " + before + " and for " + candidate + " in term " + term);
        }
    }

    private static void requireDurableVote(NodeId node, Dossier dossier, long term, NodeId candidate) {
        HardState durable = dossier.durable;
        boolean isDurable = durable.term() > term || (durable.term() == term && candidate.equals(durable.votedFor()));
        if (!isDurable) {
            throw new InvariantViolation(
                    "nothing sent before its sync",
                    "node " + node + " speaks of its vote for " + candidate + " in term " + term
                            + ", but a crash now would leave " + durable);
        }
    }

    /** Who follows a leader of a term must not fall back behind it: it could vote for another in it (pitfall 1). */
    private static void requireDurableTerm(NodeId node, Dossier dossier, long term) {
        if (dossier.durable.term() < term) {
            throw new InvariantViolation(
                    "nothing sent before its sync",
                    "node " + node + " answers in term " + term + ", but a crash now would leave " + dossier.durable);
        }
    }

    private static void requireDurableEntries(NodeId node, Dossier dossier, long term, long index) {
        requireDurableTerm(node, dossier, term);
        if (dossier.durable.term() > term) {
            // The answer belongs to a term that this node has left; what it acknowledged may have been cut since.
            return;
        }
        LogShadow durable = dossier.durableLog;
        // In a later term the entry may have been replaced in memory; what was acknowledged is what is durable.
        boolean isDurable = index <= durable.previous().index()
                || (durable.knows(index)
                        && (dossier.term > term
                                || (dossier.log.knows(index) && durable.term(index) == dossier.log.term(index))));
        if (!isDurable) {
            throw new InvariantViolation(
                    "nothing sent before its sync",
                    "node " + node + " acknowledges index " + index + ", but a crash now would leave the log "
                            + durable);
        }
    }

    // ---- what is done ----------------------------------------------------------------------------------------------

    /** The state of a node after a step. */
    void stepped(NodeId node, NodeView view) {
        Dossier dossier = dossier(node);
        if (view.term() < dossier.term) {
            throw new InvariantViolation(
                    "I6 terms never go back",
                    "node " + node + " went from term " + dossier.term + " to " + view.term());
        }
        if (view.commitIndex() < dossier.commitIndex) {
            throw new InvariantViolation(
                    "I6 commit index never goes back",
                    "node " + node + " went from commit index " + dossier.commitIndex + " to " + view.commitIndex());
        }
        if (view.appliedIndex() > view.commitIndex()) {
            throw new InvariantViolation(
                    "I3 state machine safety",
                    "node " + node + " has applied " + view.appliedIndex() + " but knows only " + view.commitIndex()
                            + " to be committed");
        }
        NodeId vote = view.votedFor();
        if (vote != null && !dossier.hasOtherDisk) {
            // A vote in memory may still be lost by a crash, so it is not held against later ones; see sent().
            NodeId said = dossier.votes.get(view.term());
            if (said != null && !said.equals(vote)) {
                throw new InvariantViolation(
                        "I1 one vote per term",
                        "node " + node + " said in term " + view.term() + " that it votes for " + said
                                + " and now remembers a vote for " + vote);
            }
        }
        boolean becomesLeader = view.isLeader() && (!dossier.isLeader || dossier.term != view.term());
        if (view.isLeader() || dossier.isLeader) {
            leaderCommits(node, dossier, view);
        }
        dossier.term = view.term();
        dossier.commitIndex = view.commitIndex();
        dossier.isLeader = view.isLeader();
        if (becomesLeader) {
            elected(node, view.term());
        }
    }

    /** A leader's count may only ever end at an entry of its own term (Raft §5.4.2, Figure 8; pitfall 7). */
    private void leaderCommits(NodeId node, Dossier dossier, NodeView view) {
        long index = view.commitIndex();
        boolean stillLeads = view.isLeader() && dossier.isLeader && dossier.term == view.term();
        if (stillLeads && index > dossier.commitIndex && dossier.log.term(index) != view.term()) {
            throw new InvariantViolation(
                    "I3 commit rule of the current term",
                    "node " + node + " leads term " + view.term() + " and commits by count "
                            + new EntryId(dossier.log.term(index), index));
        }
        // One that has just lost its office may have counted in the same turn.
        leadersCommitIndex = Math.max(leadersCommitIndex, index);
    }

    private void elected(NodeId node, long term) {
        NodeId before = leaders.putIfAbsent(term, node);
        if (before != null && !before.equals(node)) {
            throw new InvariantViolation(
                    "I1 one leader per term", "nodes " + before + " and " + node + " both lead term " + term);
        }
        LogShadow log = dossier(node).log;
        for (long index = Math.max(1, log.previous().index()); index <= committedIndex(); index++) {
            Committed entry = committed.get((int) index - 1);
            long truth = entry.term();
            // A candidate that was paused may win a term that others have left; it owes nothing to later terms.
            boolean isOwed = entry.knownInTerm() < term;
            if (isOwed && (!log.knows(index) || log.term(index) != truth)) {
                throw new InvariantViolation(
                        "I4 leader completeness",
                        "node " + node + " leads term " + term + " with log " + log + " that lacks committed entry "
                                + new EntryId(truth, index));
            }
        }
    }

    /** A node gives these entries to its state machine: they are committed, for ever and for all (I3). */
    void committed(NodeId node, List<Entry> entries) {
        Dossier dossier = dossier(node);
        for (Entry entry : entries) {
            requireDurableHere(node, dossier, entry);
            if (entry.index() <= committedIndex()) {
                Committed truth = committed.get((int) entry.index() - 1);
                if (truth.term() != entry.term()
                        || truth.kind() != entry.kind()
                        || !Arrays.equals(truth.payload(), entry.payload())) {
                    throw new InvariantViolation(
                            "I3 state machine safety",
                            "node " + node + " is to apply " + entry + " where another applied "
                                    + new EntryId(truth.term(), entry.index()));
                }
                continue;
            }
            if (entry.index() != committedIndex() + 1) {
                throw new InvariantViolation(
                        "I3 state machine safety",
                        "node " + node + " is to apply " + entry + " after " + committedIndex());
            }
            if (entry.index() > leadersCommitIndex) {
                throw new InvariantViolation(
                        "I3 commit rule of the current term",
                        "node " + node + " is to apply " + entry + ", but no leader has called it committed: the newest"
                                + " that one has is " + leadersCommitIndex);
            }
            if (entry.kind() == Entry.Kind.MEMBERSHIP) {
                follow(node, Membership.decode(entry.payload()));
            }
            requireDurableQuorum(node, entry, dossier);
            committed.add(new Committed(entry.term(), entry.kind(), entry.payload(), leaders.lastKey()));
            long operation = Proposals.operationOf(entry);
            if (sessions.isExecuted(entry) && operation != Proposals.NO_OPERATION) {
                oracle.apply(history.operation(operation), entry.index());
            }
            revisions.add(oracle.revision());
        }
    }

    /** The state machine never outruns the log that has to explain it after a crash (D29). */
    private static void requireDurableHere(NodeId node, Dossier dossier, Entry entry) {
        LogShadow durable = dossier.durableLog;
        if (!durable.knows(entry.index()) || durable.term(entry.index()) != entry.term()) {
            throw new InvariantViolation(
                    "nothing applied before its sync",
                    "node " + node + " is to apply " + entry + ", but a crash now would leave the log " + durable);
        }
    }

    /** What is committed has been synced by a majority, whoever says so (pitfalls 7, 9, 10). */
    private void requireDurableQuorum(NodeId node, Entry entry, Dossier dossier) {
        List<NodeId> holders = new ArrayList<>();
        dossiers.forEach((holder, each) -> {
            LogShadow durable = each.durableLog;
            LogShadow vouched = each.vouched;
            if (holds(durable, entry) || (vouched != null && holds(vouched, entry))) {
                holders.add(holder);
            }
        });
        // Behind a joint membership the final one may be in force already; for the joint one itself both halves count.
        boolean mayBeLeft = membership.isJoint() && entry.kind() != Entry.Kind.MEMBERSHIP;
        if (!isQuorum(membership, holders) && !(mayBeLeft && isQuorum(membership.leaveJoint(), holders))) {
            throw new InvariantViolation(
                    "I4 committed means durable on a majority",
                    "node " + node + " (log " + dossier.log + ") is to apply " + entry + ", which only " + holders
                            + " have synced, of " + membership);
        }
    }

    private static boolean holds(LogShadow log, Entry entry) {
        return log.previous().index() >= entry.index()
                || (log.knows(entry.index()) && log.term(entry.index()) == entry.term());
    }

    /** Counts heads, unlike the core, so that the two cannot be wrong in the same way. */
    private static boolean isQuorum(Membership membership, List<NodeId> holders) {
        return isMajority(membership.voters(), holders)
                && (!membership.isJoint() || isMajority(membership.outgoingVoters(), holders));
    }

    private static boolean isMajority(Set<NodeId> voters, List<NodeId> holders) {
        return 2 * voters.stream().filter(holders::contains).count() > voters.size();
    }

    /** Committed memberships follow each other by legal steps only: voters change through a joint one (I16). */
    private void follow(NodeId node, Membership next) {
        boolean isStep = membership.isJoint()
                ? next.equals(membership.leaveJoint())
                : next.outgoingVoters().equals(membership.voters())
                        || (!next.isJoint() && next.voters().equals(membership.voters()));
        if (!isStep) {
            throw new InvariantViolation(
                    "I16 one change at a time",
                    "node " + node + " is to apply membership " + next + " behind " + membership);
        }
        former.addAll(membership.all());
        membership = next;
    }

    /** A node's state machine reached this point. Equal points must be equal states (I7). */
    void applied(NodeId node, long index, long revision, long compactRevision) {
        Dossier dossier = dossier(node);
        if (index < dossier.appliedIndex || revision < dossier.revision || compactRevision < dossier.compactRevision) {
            throw new InvariantViolation(
                    "I6 applied index and revisions never go back",
                    "node " + node + " went from " + dossier.appliedIndex + " at revision " + dossier.revision
                            + ", compacted to " + dossier.compactRevision + ", to " + index + " at revision "
                            + revision + ", compacted to " + compactRevision);
        }
        if (index >= 1 && index <= committedIndex() && revisions.get((int) index - 1) != revision) {
            throw new InvariantViolation(
                    "I15 exactly once",
                    "node " + node + " is at revision " + revision + " after index " + index + ", which "
                            + "the committed writes, each executed once, bring to " + revisions.get((int) index - 1));
        }
        dossier.appliedIndex = index;
        dossier.revision = revision;
        dossier.compactRevision = compactRevision;
    }
}

package io.axolotl.raft;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.LogReader;
import io.axolotl.raft.log.LogSlice;
import io.axolotl.raft.log.RaftLog;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.JointQuorum;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipHistory;
import io.axolotl.raft.membership.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows whatever its role. Setters are monotonic: a term never falls, a vote changes only from none or with a
 * higher term (pitfall 2), the leader of a term never changes.
 *
 * <p>Confined to the driver thread.
 */
final class NodeState {
    /** A leader that has ended is told of again and again; who found no majority by then waits as usual. */
    private static final int MOST_EARLY_TRIES = 8;

    private final NodeId self;
    private final RaftConfig config;
    private final ElectionTimeouts timeouts;
    private final RaftLog log;
    private final MembershipHistory memberships;
    private final DurableState durable;
    private final ApplyWindow applying;

    private long term;
    private @Nullable NodeId votedFor;
    private @Nullable NodeId leader;

    /** Whoever has led {@link #term}, even if it was given up since. */
    private @Nullable NodeId leaderOfTerm;

    /** What has removed this node; 0 if it is a member or has never been one. */
    private long removedIndex;

    private SnapshotMetadata snapshot;
    private @Nullable SnapshotMetadata installing;
    private boolean isInstallGiven;

    /** A newer snapshot that arrived while {@link #installing} was under way; its turn is next. */
    private @Nullable SnapshotMetadata nextInstall;

    /** Set while this node has not made up for damage to its log. */
    private @Nullable VoteEmbargo embargo;

    private long nowNanos;

    private final DiskJudgement disk = new DiskJudgement();

    /** {@link #leaderOfTerm} seems to have ended, and has not been heard since that was found. */
    private boolean isLeaderGone;

    private int earlyTriesLeft = MOST_EARLY_TRIES;

    /** Until then somebody may hold a lease that rests on our vote; means something only with lease reads. */
    private long promisedUntilNanos;

    /** Checks what was recovered against each other: pieces that do not fit are refused, never repaired by guessing. */
    NodeState(
            NodeId self,
            RaftConfig config,
            ElectionTimeouts timeouts,
            HardState hardState,
            SnapshotMetadata snapshot,
            LogReader reader,
            long appliedIndex,
            @Nullable VoteEmbargo embargo,
            long nowNanos) {
        long snapshotIndex = snapshot.last().index();
        long lastIndex = reader.last().index();
        require(
                reader.previous().index() <= snapshotIndex && snapshotIndex <= lastIndex,
                "the log reaches from " + reader.previous() + " to " + reader.last()
                        + " and does not meet the snapshot of " + snapshot.last()
                        + ": restore the snapshot that belongs to this log, or reset the log to it");
        require(
                reader.term(snapshotIndex) == snapshot.last().term(),
                "the log has term " + reader.term(snapshotIndex) + " where the snapshot ends in " + snapshot.last()
                        + ": reset the log to the snapshot");
        require(
                reader.previous().index() <= appliedIndex && appliedIndex <= lastIndex,
                "the state machine has applied through " + appliedIndex + ", but the log reaches from "
                        + reader.previous() + " to " + reader.last()
                        + ": restore the newest snapshot first (pitfall 47)");
        require(
                lastIndex == reader.previous().index() || reader.last().term() <= hardState.term(),
                "the log ends in " + reader.last() + ", but the remembered term is " + hardState.term()
                        + ": term and vote were lost, and with them the proof that this node has not voted; remove the"
                        + " member and add it anew (pitfall 5)");
        require(
                embargo == null || hardState.term() > embargo.throughTerm(),
                "the log has lost what was acknowledged in term " + (embargo == null ? 0 : embargo.throughTerm())
                        + ", but the remembered term is still " + hardState.term()
                        + ": it must have been raised first");
        this.self = self;
        this.config = config;
        this.timeouts = timeouts;
        this.snapshot = snapshot;
        this.embargo = embargo;
        this.nowNanos = nowNanos;
        promise();
        term = Math.max(hardState.term(), reader.last().term());
        votedFor = term == hardState.term() ? hardState.votedFor() : null;
        durable = new DurableState(hardState);
        applying = new ApplyWindow(appliedIndex, config.maxApplyingBytes());
        long commitIndex =
                Math.max(Math.max(snapshotIndex, appliedIndex), Math.min(hardState.commitIndex(), lastIndex));
        log = new RaftLog(reader, commitIndex, config.maxCachedBytes(), config.maxBytesPerAppend());
        memberships = new MembershipHistory(snapshotIndex, snapshot.membership());
        for (Entry entry : reader.membershipEntries()) {
            if (entry.index() > snapshotIndex) {
                Membership next = Membership.decode(entry.payload());
                require(
                        membership().mayStepTo(next),
                        "entry " + entry.id() + " of the log brings the membership " + next
                                + ", which is no single step from " + membership() + " of entry "
                                + memberships.currentIndex()
                                + ": the log is not what a leader has sent; remove the member and add it anew (I16)");
                memberships.append(entry.index(), next);
            }
        }
        memberships.between(snapshotIndex, commitIndex).forEach(this::noteWhetherRemoved);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    NodeId self() {
        return self;
    }

    RaftConfig config() {
        return config;
    }

    RaftLog log() {
        return log;
    }

    DurableState durable() {
        return durable;
    }

    ApplyWindow applying() {
        return applying;
    }

    // Term, vote and leader

    long term() {
        return term;
    }

    @Nullable NodeId votedFor() {
        return votedFor;
    }

    /** The known leader of {@link #term}, this node included, or null. */
    @Nullable NodeId leader() {
        return leader;
    }

    boolean isSelf(@Nullable NodeId node) {
        return self.equals(node);
    }

    void advanceTerm(long higher) {
        if (higher <= term) {
            throw new AssertionError("term would go from " + term + " to " + higher);
        }
        term = higher;
        votedFor = null;
        leader = null;
        leaderOfTerm = null;
        isLeaderGone = false;
        earlyTriesLeft = MOST_EARLY_TRIES;
    }

    void voteFor(NodeId candidate) {
        if (votedFor != null && !votedFor.equals(candidate)) {
            throw new AssertionError(
                    "vote of term " + term + " was given to " + votedFor + ", now asked for " + candidate);
        }
        votedFor = candidate;
    }

    /** @throws AssertionError if another has led this term: election safety is broken (Raft Figure 3) */
    void knowLeader(NodeId node, Outbox out) {
        if (leaderOfTerm == null) {
            leaderOfTerm = node;
            out.trace(new TraceEvent.LeaderKnown(term, node));
        } else if (!leaderOfTerm.equals(node)) {
            throw new AssertionError("two leaders in term " + term + ": " + leaderOfTerm + " and " + node);
        }
        leader = node;
        isLeaderGone = false;
        if (!isSelf(node)) {
            promise();
        }
    }

    /** The leader has been silent for too long, or leads no more. Nobody takes its place in this term by that alone. */
    void forgetLeader() {
        leader = null;
    }

    /**
     * The process of {@code peer} seems to have ended.
     *
     * @return whether that is the leader's, and an early pre-vote may be asked. Without pre-vote and the check of the quorum
     *     nothing would keep a wrong hint from unseating a leader that is well
     */
    boolean hearsOfTheEndOf(NodeId peer, Outbox out) {
        if (!peer.equals(leaderOfTerm) || isSelf(peer) || !config.isPreVote() || !config.isCheckQuorum()) {
            return false;
        }
        if (!isLeaderGone) {
            isLeaderGone = true;
            out.trace(new TraceEvent.LeaderGone(peer));
        }
        return true;
    }

    /** Whoever has led {@link #term}, even if it was given up since, or null. */
    @Nullable NodeId leaderOfTerm() {
        return leaderOfTerm;
    }

    /** Whether the leader of this term seems to have ended. */
    boolean isLeaderGone() {
        return isLeaderGone;
    }

    /** Whether to campaign early now; counts as a try. */
    boolean triesEarly() {
        return isLeaderGone && mayCampaign() && earlyTriesLeft-- > 0;
    }

    // What leases of others rest on

    /** Withholds the vote from now on for an election timeout: whoever was heard now may count on it. */
    private void promise() {
        promisedUntilNanos = nowNanos + config.electionTimeoutNanos();
    }

    /**
     * Whether a lease may be in force that rests on our vote. Survives changes of term and role, which a stray message can
     * bring about; at the start it holds for what an earlier life of this node has promised (pitfall 26).
     */
    boolean isBoundByLease() {
        return config.availability().isLeaseReads() && !isDue(promisedUntilNanos);
    }

    /** The earliest moment at which this node may campaign before its election deadline. */
    long earlyCampaignNanos() {
        return isBoundByLease() ? promisedUntilNanos : nowNanos;
    }

    // Disk

    DiskJudgement disk() {
        return disk;
    }

    void syncObserved(Input.SyncObserved sync, Outbox out) {
        boolean wasSlow = disk.isSlow(nowNanos);
        boolean wasHung = disk.isHung();
        if (sync.isRunning()) {
            disk.running(sync.nanos(), nowNanos);
        } else {
            disk.completed(sync.nanos(), nowNanos);
        }
        boolean isSlow = disk.isSlow(nowNanos);
        boolean isHung = disk.isHung();
        if (wasSlow != isSlow || wasHung != isHung) {
            out.trace(new TraceEvent.DiskJudged(isSlow, isHung, disk.describe()));
        }
    }

    /** How much this node would rather not lead now, to be told to whoever leads. */
    int reluctance() {
        return disk.isSlow(nowNanos) || !mayCampaign()
                ? Availability.UNFIT
                : config.availability().reluctance();
    }

    // Membership

    Membership membership() {
        return memberships.current();
    }

    /** The one rule for "enough" (pitfall 29). */
    JointQuorum quorum() {
        return memberships.quorum();
    }

    /** The entry or snapshot that brought {@link #membership()}. */
    long membershipIndex() {
        return memberships.currentIndex();
    }

    /** The membership before {@link #membership()}, or null if it is forgotten. */
    @Nullable Membership previousMembership() {
        return memberships.previous();
    }

    /** The committed entry or snapshot that has removed this node; 0 if it is a member or has never been one. */
    long removedIndex() {
        return removedIndex;
    }

    /**
     * Appends an entry of this node's own, which leads; it is in force at once.
     *
     * @throws AssertionError if the membership in force is not committed: two changes at once could have majorities that
     *     do not meet (pitfall 35)
     */
    EntryId appendMembership(Membership next, Outbox out) {
        if (memberships.currentIndex() > log.commitIndex()) {
            throw new AssertionError("membership " + next + " would follow " + membership() + " of entry "
                    + memberships.currentIndex() + ", which is not committed");
        }
        EntryId id = new EntryId(term, log.lastIndex() + 1);
        log.append(new Entry(id, Entry.Kind.MEMBERSHIP, next.encode()));
        membershipAppended(id.index(), next, out);
        return id;
    }

    /**
     * Whoever has appended it, a leader or this node itself, may only have gone one step. Judged against the membership
     * before it in the log, which a snapshot or a cut of the suffix may have put in force; how far this node knows of
     * commits says nothing here, for it may lag behind the leader's.
     *
     * @throws AssertionError if that is not one step from the membership in force (I16)
     */
    private void membershipAppended(long index, Membership appended, Outbox out) {
        if (!membership().mayStepTo(appended)) {
            throw new AssertionError(
                    "broken invariant: a membership is one legal step from the one before it (I16); node "
                            + self + ", term " + term + ", leader " + leader + ": entry " + index + " brings "
                            + appended
                            + ", in force is " + membership() + " of entry " + memberships.currentIndex());
        }
        memberships.append(index, appended);
        out.trace(new TraceEvent.MembershipAppended(index, appended));
    }

    /** A membership that this node has been part of, and then one that it is not, is committed: it is out. */
    private void noteWhetherRemoved(long index, Membership committed) {
        if (committed.contains(self)) {
            removedIndex = 0;
        } else if (memberships.asOf(index - 1).contains(self)) {
            removedIndex = index;
        }
    }

    boolean mayCampaign() {
        return embargo == null
                && installing == null
                && !disk.isHung()
                && memberships.mayCampaign(self, log.commitIndex());
    }

    // Damage

    /** What keeps this node from voting freely, or null. */
    @Nullable VoteEmbargo embargo() {
        return embargo;
    }

    /** Votes again if what is durable now makes up for what was damaged. */
    void liftEmbargo(Outbox out) {
        VoteEmbargo current = embargo;
        if (current != null && current.isOverWith(log.term(log.durableIndex()))) {
            embargo = null;
            out.trace(new TraceEvent.EmbargoLifted(
                    new EntryId(log.term(log.durableIndex()), log.durableIndex()), current.throughTerm()));
        }
    }

    // Log

    /** Takes entries that follow one that is here; see {@link RaftLog#adopt}. */
    void adopt(LogSlice slice, Outbox out) {
        RaftLog.Adoption adoption = log.adopt(slice);
        if (adoption.hasCut()) {
            boolean isRolledBack = memberships.truncateSuffix(adoption.cutFrom());
            int first =
                    Math.toIntExact(adoption.firstNewIndex() - slice.previous().index() - 1);
            out.trace(new TraceEvent.SuffixTruncated(
                    adoption.cutFrom(),
                    adoption.cutTo(),
                    slice.entries().get(first).id()));
            if (isRolledBack) {
                out.trace(new TraceEvent.MembershipRolledBack(memberships.currentIndex(), membership()));
            }
        }
        for (long i = adoption.firstNewIndex(); i <= slice.last().index(); i++) {
            Entry entry =
                    slice.entries().get(Math.toIntExact(i - slice.previous().index() - 1));
            if (entry.kind() == Entry.Kind.MEMBERSHIP) {
                membershipAppended(entry.index(), Membership.decode(entry.payload()), out);
            }
        }
    }

    void commitTo(long index, Outbox out) {
        long before = log.commitIndex();
        if (log.commitTo(index)) {
            out.trace(new TraceEvent.CommitAdvanced(before, index));
            if (memberships.currentIndex() > before) {
                memberships.between(before, index).forEach((at, committed) -> {
                    noteWhetherRemoved(at, committed);
                    out.trace(new TraceEvent.MembershipCommitted(at, committed));
                });
            }
        }
    }

    // Snapshots

    /** The newest durable snapshot of this node. */
    SnapshotMetadata snapshot() {
        return snapshot;
    }

    /** The snapshot that is replacing everything, or null. While there is one, nothing is appended or applied. */
    @Nullable SnapshotMetadata installing() {
        return installing;
    }

    /**
     * Replaces everything by {@code incoming}. If another install is under way, the newer of the two counts in the end:
     * to ignore it could leave a leader waiting for an answer that was lost with the first (pitfall 44).
     */
    void install(SnapshotMetadata incoming, Outbox out) {
        if (installing == null) {
            begin(incoming, out);
            return;
        }
        SnapshotMetadata newest = nextInstall == null ? installing : nextInstall;
        if (incoming.last().index() > newest.last().index()) {
            nextInstall = incoming;
        }
    }

    private void begin(SnapshotMetadata incoming, Outbox out) {
        installing = incoming;
        isInstallGiven = false;
        out.trace(new TraceEvent.SnapshotInstallStarted(incoming));
    }

    boolean hasInstallToGive() {
        return installing != null && !isInstallGiven;
    }

    /** The snapshot to install, once. */
    @Nullable SnapshotMetadata takeInstall() {
        if (!hasInstallToGive()) {
            return null;
        }
        isInstallGiven = true;
        return installing;
    }

    void installed(SnapshotMetadata done, Outbox out) {
        if (!done.equals(installing) || !isInstallGiven) {
            throw new IllegalArgumentException("snapshot " + done.last() + " was reported installed, but "
                    + (installing == null ? "none" : installing.last()) + " was asked for");
        }
        installing = null;
        snapshot = done;
        if (done.membership().contains(self)) {
            removedIndex = 0;
        } else if (memberships.asOf(log.commitIndex()).contains(self)) {
            removedIndex = done.last().index();
        }
        log.reset(done.last());
        applying.reset(done.last().index());
        memberships.reset(done.last().index(), done.membership());
        out.trace(new TraceEvent.SnapshotInstallFinished(done));
        SnapshotMetadata next = nextInstall;
        nextInstall = null;
        if (next != null) {
            begin(next, out);
        }
    }

    void snapshotTaken(SnapshotMetadata taken) {
        long index = taken.last().index();
        // One that was begun before an install is about a log that may be gone from the disk already.
        if (installing != null || index <= snapshot.last().index()) {
            return;
        }
        require(
                index <= applying.givenIndex() && log.contains(taken.last()),
                "a snapshot of " + taken.last() + " was reported, which was never applied here");
        require(
                taken.membership().equals(memberships.asOf(index)),
                "a snapshot of " + taken.last() + " must store the membership as of its index, which is "
                        + memberships.asOf(index) + " (pitfall 39)");
        snapshot = taken;
        memberships.rebase(index);
    }

    void logTruncated(long index) {
        if (installing != null) {
            return;
        }
        require(
                index <= snapshot.last().index(),
                "the log was cut through " + index + ", but the newest snapshot ends in " + snapshot.last()
                        + " (pitfall 46)");
        log.truncatePrefix(index);
    }

    // Time

    long nowNanos() {
        return nowNanos;
    }

    void advanceTime(long laterNanos) {
        nowNanos = laterNanos;
    }

    /** Whether {@code deadlineNanos} has been reached; right across an overflow of the clock. */
    boolean isDue(long deadlineNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    /** A fresh deadline for an election: redrawn each time, or two nodes could collide for ever (pitfall 22). */
    long drawElectionDeadlineNanos() {
        return nowNanos
                + timeouts.nextNanos(config.electionTimeoutNanos())
                + reluctanceNanos(config.electionTimeoutNanos());
    }

    /** Whether nobody but this node votes, as far as it knows, and its log has never held anything. */
    boolean isAloneWithNothing() {
        return membership().isSoleVoter(self) && log.lastIndex() == 0;
    }

    /** A deadline for an election that is begun early, soon: long enough apart for one to be first. */
    long drawEarlyDeadlineNanos() {
        long spreadNanos = Math.max(1, config.heartbeatIntervalNanos() / 4);
        return earlyCampaignNanos()
                + timeouts.nextNanos(spreadNanos)
                - spreadNanos
                + reluctanceNanos(config.heartbeatIntervalNanos());
    }

    /** The deadline of an election that was begun early: short, since a lost one has cost no silence yet. */
    long drawShortDeadlineNanos() {
        return nowNanos + timeouts.nextNanos(config.electionTimeoutNanos() / 2);
    }

    /** How much longer than others to wait: up to {@code fullNanos}, and twice that with a slow disk. */
    private long reluctanceNanos(long fullNanos) {
        return disk.isSlow(nowNanos)
                ? 2 * fullNanos
                : fullNanos / 100 * config.availability().reluctance();
    }
}

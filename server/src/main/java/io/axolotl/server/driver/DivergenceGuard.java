package io.axolotl.server.driver;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.storage.command.Alarm;
import io.axolotl.storage.command.AlarmKind;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import io.axolotl.storage.statemachine.KvStateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that what this member applied came to what it came to elsewhere (I7; B9, C7). The leader has its rolling
 * digest of some index replicated every so often; whoever finds its own different there is in doubt, and so is whoever is
 * told of a history that is not its own.
 *
 * <p>In doubt nothing is served, no snapshot is made or sent, and everybody is asked for what is kept of their digests. A
 * {@link Verdict} of a quorum of voters decides, and only that: the leader may be the one that is wrong.
 *
 * <ul>
 *   <li>With the quorum: vouched for, all goes on.
 *   <li>Against it: quarantined. Leadership is handed over; a member of the quorum is asked for a fresh snapshot, which takes
 *       the place of the state; entries after it come from this member's own log, which is not in question. Then the
 *       question is asked again; if no quorum can be heard any more, it goes on with what a quorum's member gave it, like
 *       any member that lagged.
 *   <li>No quorum in time: CORRUPT is raised, so that nobody changes anything any more, and the process stops and names the
 *       entries. Nobody is repaired by guess.
 * </ul>
 *
 * <p>Who is told of a difference by one whom a quorum has refuted already, or by a learner, whose state decides nothing, goes on.
 *
 * <p>An operator who knows better than no quorum can say in which entries a member is right; who differs from it there is then
 * repaired from it.
 *
 * <p>The doubt is written into the state itself, so a restart does not forget it and a snapshot replaces it with the state.
 *
 * <p>{@link #isTrusted} is safe for all threads; the rest is confined to the apply thread.
 */
final class DivergenceGuard {
    private static final Logger log = LoggerFactory.getLogger(DivergenceGuard.class);

    /** The term of an InstallSnapshot that is not Raft's: the files of a repair have arrived. */
    static final long REPAIR_TERM = 0;

    private final NodeId self;
    private final Rules rules;
    private final @Nullable Divergence accepted;
    private final PeerTransport transport;
    private final SnapshotScheduler snapshots;
    private final Cluster cluster;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;

    private long lastCheckIndex;
    private long lastCheckNanos;
    /** The last index at which the digest was compared and equal. */
    private long agreedIndex;
    /** A quorum has had the same digest here: who differs from it before is wrong, not we. */
    private long vouchedIndex;

    private @Nullable Doubt doubt;
    private volatile boolean isTrusted = true;

    /**
     * @param everyEntries the leader has its digest compared after this many entries
     * @param everyNanos or after this long, if there are entries that were not covered
     * @param askAgainNanos while in doubt, others are asked this often
     * @param patienceNanos how long a quorum may take to be heard
     * @param alarmNanos and after that, how long the others may take to hear that none was
     * @param repairNanos how long a donor has to send its snapshot before another is asked
     */
    record Rules(
            long everyEntries,
            long everyNanos,
            long askAgainNanos,
            long patienceNanos,
            long alarmNanos,
            long repairNanos) {
        static final Rules DEFAULT = new Rules(
                1_024,
                TimeUnit.SECONDS.toNanos(60),
                TimeUnit.MILLISECONDS.toNanos(500),
                TimeUnit.SECONDS.toNanos(30),
                TimeUnit.SECONDS.toNanos(5),
                TimeUnit.SECONDS.toNanos(30));
    }

    /** What this needs of the member around it. Safe for all threads. */
    record Cluster(Supplier<NodeView> view, Consumer<Command> propose, Consumer<NodeId> handOverTo) {}

    /** What is known while in doubt. */
    private static final class Doubt {
        private Divergence found;
        private final long sinceNanos;
        /** When the state of one whom a quorum bore out took the place of the refuted one; null while it has not. */
        private @Nullable Long repairedNanos;

        private long nextAskNanos;
        private long nextWishNanos;
        private int wishes;
        private boolean isProven;
        private List<NodeId> donors = List.of();
        private final Map<NodeId, Verdict.Testimony> reports = new TreeMap<>();
        private @Nullable SnapshotMetadata received;

        Doubt(Divergence found, long nowNanos) {
            this.found = found;
            this.sinceNanos = nowNanos;
            this.nextAskNanos = nowNanos;
            this.nextWishNanos = nowNanos;
        }

        /** The same parting, seen more closely. */
        void narrow(Divergence between) {
            if (between.agreedIndex() >= found.agreedIndex() && between.differsIndex() <= found.differsIndex()) {
                found = between;
            }
        }
    }

    /** @param accepted the entries in which this member is right by the operator's word; null for none */
    DivergenceGuard(
            NodeId self,
            Rules rules,
            @Nullable Divergence accepted,
            PeerTransport transport,
            SnapshotScheduler snapshots,
            Cluster cluster,
            LongSupplier clock,
            PipelineMetrics metrics) {
        this.self = self;
        this.rules = rules;
        this.accepted = accepted;
        this.transport = transport;
        this.snapshots = snapshots;
        this.cluster = cluster;
        this.clock = clock;
        this.metrics = metrics;
        this.lastCheckNanos = clock.getAsLong();
    }

    /** Whether what this member holds may be served and copied. */
    boolean isTrusted() {
        return isTrusted;
    }

    /** Another state is live: at the start, or since a snapshot took the place of the one before. */
    void opened(KvStateMachine live) {
        Divergence mark = live.divergence();
        if (doubt == null && mark != null && isAccepted(mark)) {
            log.warn("BY THE OPERATOR'S WORD the state here is right in entries {}; all is served again", mark.range());
            live.mark(null);
            vouchedIndex = live.newestCheckpoint().newest();
        } else if (doubt == null && mark != null) {
            log.warn("the state is marked: entries {} may have been applied differently elsewhere", mark.range());
            begin(mark);
        } else if (doubt != null) {
            doubt.received = null;
            judge(doubt, live);
        }
    }

    /** In full: a flag that was left from an earlier parting says nothing of a later one that may have begun with it. */
    private boolean isAccepted(Divergence found) {
        return accepted != null && accepted.contains(found);
    }

    /** The snapshot that was {@link #dueRepair} is live, and has been brought up to date. */
    void repaired(KvStateMachine live) {
        Doubt current = doubt;
        if (current != null && live.divergence() == null) {
            current.repairedNanos = clock.getAsLong();
        }
        opened(live);
    }

    // ---- comparing ----

    /** Entries through {@code last} were applied. On a leader, has the digest compared when it is time. */
    void applied(EntryId last, KvStateMachine live) {
        if (last.index() - lastCheckIndex >= rules.everyEntries) {
            propose(live);
        }
    }

    private void propose(KvStateMachine live) {
        if (doubt != null || !cluster.view.get().isLeader()) {
            return;
        }
        Checkpoints newest = live.newestCheckpoint();
        if (newest.newest() > lastCheckIndex) {
            lastCheckIndex = newest.newest();
            lastCheckNanos = clock.getAsLong();
            cluster.propose.accept(new Command.CheckDigest(lastCheckIndex, newest.digestAt(lastCheckIndex)));
        }
    }

    /** A comparison was applied. */
    void checked(CommandResult.DigestChecked check, KvStateMachine live) {
        metrics.digestChecked(check);
        lastCheckIndex = Math.max(lastCheckIndex, check.index());
        lastCheckNanos = clock.getAsLong();
        if (check.own() != null && !check.isDifferent()) {
            agreedIndex = Math.max(agreedIndex, check.index());
        } else if (check.isDifferent() && check.index() > vouchedIndex && doubt == null) {
            doubt(new Divergence(agreedIndex < check.index() ? agreedIndex : 0, check.index()), live);
        }
    }

    /** A member tells its digests, and may ask for ours, or for a snapshot. */
    void reported(NodeId from, HistoryReport report, KvStateMachine live) {
        if (!live.membership().contains(from)) {
            return;
        }
        Checkpoints own = live.checkpoints();
        long differs = own.differsFrom(report.checkpoints());
        Divergence between = differs == Checkpoints.NOWHERE
                ? null
                : new Divergence(Math.max(0, own.equalThrough(report.checkpoints())), differs);
        if (between != null) {
            if (doubt != null) {
                doubt.narrow(between);
            } else if (differs > vouchedIndex
                    && !report.isRefuted()
                    && !isAccepted(between)
                    && live.membership().isVoter(from)) {
                doubt(between, live);
            }
        }
        Doubt current = doubt;
        if (current != null) {
            current.reports.put(from, new Verdict.Testimony(report.checkpoints(), report.copiedThrough()));
            judge(current, live);
            if (doubt == current && between != null) {
                if (isRefutedByTheOperator(current, between, report.accepted())) {
                    condemned(current, List.of(from), live);
                }
                rememberNarrowed(current, live);
            }
        }
        if (report.isQuestion()) {
            tell(from, false, HistoryReport.NO_SNAPSHOT, live);
        }
        if (report.wantsSnapshot() && isTrusted && live.applied().index() > report.snapshotAfter()) {
            snapshots.makeNow(live, made -> {
                if (isTrusted) {
                    transport.send(new Envelope(from, new Message.InstallSnapshot(REPAIR_TERM, made)));
                }
            });
        }
    }

    /** Whether the operator has said of one who differs from this member that it is right, where the two part. */
    private boolean isRefutedByTheOperator(Doubt current, Divergence between, @Nullable Divergence theirs) {
        return theirs != null
                && (theirs.contains(between) || (theirs.contains(current.found) && between.contains(current.found)))
                && !isAccepted(current.found);
    }

    /**
     * The entries that this member names when it stops are those that its next start must find in the mark. A state that took the
     * place of a refuted one has none.
     */
    private static void rememberNarrowed(Doubt current, KvStateMachine live) {
        Divergence mark = live.divergence();
        if (mark != null && !mark.equals(current.found)) {
            live.mark(current.found);
        }
    }

    private void tell(NodeId to, boolean isQuestion, long snapshotAfter, KvStateMachine live) {
        Doubt current = doubt;
        boolean isRefuted = current != null && current.isProven && current.repairedNanos == null;
        transport.report(
                to,
                new HistoryReport(
                        live.checkpoints(),
                        live.copiedThrough(),
                        isRefuted,
                        isTrusted ? accepted : null,
                        isQuestion,
                        snapshotAfter));
    }

    // ---- in doubt ----

    private void doubt(Divergence found, KvStateMachine live) {
        log.error(
                "DIVERGENCE: entries {} came to something else on another member. Nothing is served here until a quorum"
                        + " has said whose state is right",
                found.range());
        begin(found);
        live.mark(found);
        ask(live);
    }

    private void begin(Divergence found) {
        isTrusted = false;
        doubt = new Doubt(found, clock.getAsLong());
        transport.withholdSnapshots(true);
        metrics.distrusted(true);
    }

    /** Asks again, hands over, gives up: what waits for time to pass. Cheap when all is well. */
    void turn(KvStateMachine live) {
        long nowNanos = clock.getAsLong();
        Doubt current = doubt;
        if (current == null) {
            if (nowNanos - lastCheckNanos >= rules.everyNanos) {
                lastCheckNanos = nowNanos;
                propose(live);
            }
            return;
        }
        if (nowNanos - current.nextAskNanos >= 0) {
            judge(current, live);
            if (doubt == null) {
                return;
            }
            Long repairedNanos = current.repairedNanos;
            if (repairedNanos != null && nowNanos - repairedNanos > rules.patienceNanos) {
                log.warn("no quorum can be heard any more that could bear out the state that was repaired from one");
                trust(live);
                return;
            }
            if (!current.isProven && nowNanos - current.sinceNanos > rules.patienceNanos) {
                stopUnlessOthersAreStillToHear(current, live, nowNanos);
            }
            ask(live);
        }
    }

    /** Nobody can say who is right, so nothing more may be changed anywhere: CORRUPT says so, and outlasts this process. */
    private void stopUnlessOthersAreStillToHear(Doubt current, KvStateMachine live, long nowNanos) {
        Alarm corrupt = new Alarm(self.value(), AlarmKind.CORRUPT);
        boolean isTimeUp = nowNanos - current.sinceNanos > rules.patienceNanos + rules.alarmNanos;
        // A learner decides nothing, so it must not keep the voters from deciding either.
        if (isTimeUp || live.alarms().isRaised(corrupt) || !live.membership().isVoter(self)) {
            throw unvouched(current, live.membership());
        }
        cluster.propose.accept(new Command.RaiseAlarm(corrupt));
    }

    private void ask(KvStateMachine live) {
        Doubt current = doubt;
        if (current == null) {
            return;
        }
        long nowNanos = clock.getAsLong();
        current.nextAskNanos = nowNanos + rules.askAgainNanos;
        NodeId donor = null;
        if (current.isProven && current.repairedNanos == null) {
            List<NodeId> donors =
                    current.donors.stream().filter(live.membership()::contains).toList();
            handOver(donors);
            if (current.received == null
                    && nowNanos - current.nextWishNanos >= 0
                    && snapshots.isIdle()
                    && !donors.isEmpty()) {
                current.nextWishNanos = nowNanos + rules.repairNanos;
                donor = donors.get(current.wishes++ % donors.size());
                log.info("asking member {} for a snapshot to take the place of the diverged state", donor);
            }
        }
        for (NodeId peer : live.membership().all()) {
            if (!peer.equals(self)) {
                long after = peer.equals(donor) ? snapshots.newestIndex() : HistoryReport.NO_SNAPSHOT;
                tell(peer, true, after, live);
            }
        }
    }

    private void handOver(List<NodeId> donors) {
        NodeView view = cluster.view.get();
        if (view.isLeader() && view.transferTarget() == null) {
            donors.stream()
                    .filter(donor -> view.membership().isVoter(donor))
                    .filter(donor -> view.peers().stream()
                            .anyMatch(peer -> peer.peer().equals(donor) && peer.isRecentlyActive()))
                    .findFirst()
                    .ifPresent(cluster.handOverTo);
        }
    }

    /** Acts on what a quorum of those who were heard, and are members, say. */
    private void judge(Doubt current, KvStateMachine live) {
        Membership membership = live.membership();
        current.reports.keySet().removeIf(member -> !membership.contains(member));
        Map<NodeId, Verdict.Testimony> heard = new TreeMap<>(current.reports);
        heard.put(self, new Verdict.Testimony(live.checkpoints(), live.copiedThrough()));
        Verdict verdict = Verdict.reach(self, membership, heard, current.found);
        if (verdict == null) {
            return;
        }
        if (verdict.right().contains(self)) {
            vouched(current, verdict.at(), live);
        } else {
            condemned(current, verdict.right(), live);
        }
    }

    private void vouched(Doubt current, long at, KvStateMachine live) {
        vouchedIndex = Math.max(vouchedIndex, at);
        agreedIndex = Math.max(agreedIndex, at);
        Checkpoints own = live.checkpoints();
        List<String> wrong = new ArrayList<>();
        current.reports.forEach((member, report) -> {
            long differs = own.differsFrom(report.checkpoints());
            if (differs != Checkpoints.NOWHERE) {
                wrong.add("member " + member + " diverged at entries "
                        + new Divergence(Math.max(0, own.equalThrough(report.checkpoints())), differs).range());
            }
        });
        log.warn(
                "a quorum has the same history as this member through entry {}; {}",
                at,
                wrong.isEmpty() ? "no member that answered has another" : String.join(", ", wrong));
        trust(live);
    }

    private void trust(KvStateMachine live) {
        doubt = null;
        if (live.divergence() != null) {
            live.mark(null);
        }
        isTrusted = true;
        transport.withholdSnapshots(false);
        metrics.distrusted(false);
        log.warn("all is served again");
    }

    private void condemned(Doubt current, List<NodeId> quorum, KvStateMachine live) {
        current.donors = quorum;
        current.repairedNanos = null;
        Divergence found = current.found;
        Verdict.Testimony theirs = current.reports.get(quorum.get(0));
        if (theirs != null) {
            Checkpoints own = live.checkpoints();
            long differs = own.differsFrom(theirs.checkpoints());
            long agreed = own.equalThrough(theirs.checkpoints());
            // Once the last index at which they were equal is kept no more, less is known than before.
            if (differs != Checkpoints.NOWHERE && agreed != Checkpoints.NOWHERE) {
                found = new Divergence(agreed, differs);
            }
        }
        if (!found.equals(live.divergence())) {
            live.mark(found);
        }
        if (!current.isProven || !found.equals(current.found)) {
            log.error(
                    "QUARANTINED: the history of members {} is right, and this one has another. The first entry whose"
                            + " application went differently here is one of {}. This member serves nothing until its"
                            + " state has been replaced by theirs",
                    quorum,
                    found.range());
        }
        if (!current.isProven) {
            metrics.quarantined();
            current.nextAskNanos = clock.getAsLong();
        }
        current.isProven = true;
        current.found = found;
    }

    private DivergedException unvouched(Doubt current, Membership membership) {
        Divergence found = current.found;
        return new DivergedException("entries " + found.range() + " were applied differently on member " + self
                + " than on another, and no quorum of " + membership.voters() + " could be found that agrees ("
                + current.reports.keySet() + " answered). Which state is right cannot be told from here, so this member"
                + " stops. Start the members that are missing; it asks again when it is started. If they cannot be"
                + " brought back, compare what the members hold, start the one that is right with --accept-history="
                + (found.agreedIndex() + 1) + "-" + found.differsIndex() + ", and then the others, which it repairs");
    }

    // ---- repair ----

    /** The files of a snapshot that was asked for are here. */
    void repairReceived(NodeId from, SnapshotMetadata snapshot) {
        Doubt current = doubt;
        if (current != null && current.isProven && current.donors.contains(from)) {
            current.received = snapshot;
        }
    }

    /** The snapshot that is to take the place of the state now, or null: it must not be ahead of what was applied. */
    @Nullable SnapshotMetadata dueRepair(long appliedIndex) {
        Doubt current = doubt;
        SnapshotMetadata received = current == null ? null : current.received;
        return received != null && received.last().index() <= appliedIndex ? received : null;
    }
}

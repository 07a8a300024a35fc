package io.axolotl.server.lease;

import io.axolotl.server.lease.Lessor.Timed;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.lease.Lease;
import io.axolotl.storage.lease.LeaseTable;
import io.axolotl.storage.mvcc.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the time of leases while this member leads; see the package for why none ends too early. On other members, and on a
 * leader that has not begun yet, every question is answered with {@link LeaseAnswer.NotLeader}.
 *
 * <p>One command with checkpoints is under way at a time, so that they come into the log in the order in which they were
 * meant: one that takes an earlier one back must not be overtaken by it. Expiries are one command per lease, since each lease
 * has its own revision (MV-2), a bounded number at each look.
 *
 * <p>Safe for all threads. {@link #turn} is called by one.
 */
public final class LeaseKeeper {
    private static final int MAX_ATTEMPTS = 5;
    private static final long END_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Member member;
    private final Rules rules;
    private final LongSupplier clock;
    private final long originNanos;
    private final LongAdder renewals = new LongAdder();
    private final LongAdder expiries = new LongAdder();

    // Everything below is guarded by this object. Nothing is proposed, confirmed or answered while it is held.

    private final Lessor lessor;
    private long lastSeenNanos;
    private long pausedNanos;
    private long nextLookNanos;
    private long beginningTerm = Lessor.NOT_LEADING;
    private int endingCount;

    /** Who waits for a lease to end, by its id. */
    private final Map<Long, List<Consumer<LeaseAnswer>>> awaitingEnd = new HashMap<>();

    /** What is to be written down, by lease: the newest word on each. */
    private final Map<Long, Command.LeaseCheckpoint> toCheckpoint = new LinkedHashMap<>();

    private boolean isCheckpointing;

    /** Who waits until what was written down of a lease has been taken back; told whether it has. By its id. */
    private final Map<Long, List<Consumer<Boolean>>> awaitingTakeBack = new HashMap<>();

    /** What this needs of the member around it. Safe for all threads; callbacks come once, on any thread. */
    public interface Member {
        long NOT_LEADING = Lessor.NOT_LEADING;

        /** The term that this member believes to lead, or {@link #NOT_LEADING}. */
        long ledTerm();

        /** The leases as of what is applied here. */
        LeaseTable leases();

        /** Tells whether a read of what is applied here is linearizable from then on; on a leader, that it still led. */
        void confirm(Consumer<Boolean> onConfirmed);

        /** @param onDone given what applying it came to; null if that is not known, or it was not applied */
        void propose(Command.OfLeases command, Consumer<@Nullable CommandResult> onDone);
    }

    /**
     * @param extendNanos one election timeout
     * @param lookEveryNanos how often this looks for leases that have run out
     * @param expiriesPerLook bound on expiries and on checkpoints that one look begins
     * @param maxEnding bound on expiries that are under way
     * @param checkpointEveryNanos see {@link Lessor}
     */
    public record Rules(
            long extendNanos, long lookEveryNanos, int expiriesPerLook, int maxEnding, long checkpointEveryNanos) {
        /** etcd's figures (LE-6): a look every 500 ms, at most 1000 expiries a second, checkpoints every 5 minutes. */
        public static Rules ofElectionTimeout(long electionTimeoutNanos) {
            return new Rules(
                    electionTimeoutNanos, TimeUnit.MILLISECONDS.toNanos(500), 500, 1_000, TimeUnit.MINUTES.toNanos(5));
        }
    }

    public LeaseKeeper(Member member, Rules rules, LongSupplier clock) {
        this.member = member;
        this.rules = rules;
        this.clock = clock;
        this.originNanos = clock.getAsLong();
        this.lessor = new Lessor(rules.extendNanos, rules.checkpointEveryNanos);
    }

    /** Renewals answered since the start. */
    public long renewals() {
        return renewals.sum();
    }

    /** Leases that this member has had expire since the start. */
    public long expiries() {
        return expiries.sum();
    }

    // ---- time ----

    private long realNanos() {
        return clock.getAsLong() - originNanos;
    }

    /**
     * The time that leases go by: it stands still while this process does not run. This is called often, so if it was not for
     * an election timeout, nobody could have renewed anything meanwhile, and what looks overdue is given that time back.
     */
    private long now() {
        long real = realNanos();
        long gap = real - lastSeenNanos;
        if (gap > rules.extendNanos) {
            pausedNanos += gap;
        }
        lastSeenNanos = real;
        return real - pausedNanos;
    }

    // ---- the loop ----

    /** Begins and ends with leadership, and looks for what is due. To be called several times in an election timeout. */
    public void turn() {
        long ledTerm = member.ledTerm();
        List<Runnable> then = new ArrayList<>();
        synchronized (this) {
            long now = now();
            if (lessor.isLeading() && lessor.term() != ledTerm) {
                stepDown(then);
            }
            if (ledTerm != Member.NOT_LEADING && lessor.term() != ledTerm && beginningTerm != ledTerm) {
                beginningTerm = ledTerm;
                then.add(() -> member.confirm(isConfirmed -> confirmed(ledTerm, isConfirmed)));
            }
            if (lessor.isLeading() && now - nextLookNanos >= 0) {
                nextLookNanos = now + rules.lookEveryNanos;
                look(now, then);
            }
        }
        then.forEach(Runnable::run);
    }

    /** What was committed before this leader has been applied here, the first entry of its own term included. */
    private synchronized void confirmed(long term, boolean isConfirmed) {
        if (beginningTerm == term) {
            beginningTerm = Lessor.NOT_LEADING;
        }
        if (isConfirmed && member.ledTerm() == term && lessor.term() != term) {
            lessor.lead(term, member.leases(), now());
        }
    }

    private void stepDown(List<Runnable> then) {
        lessor.stepDown();
        toCheckpoint.clear();
        isCheckpointing = false;
        endingCount = 0;
        awaitingEnd
                .values()
                .forEach(waiting ->
                        waiting.forEach(callback -> then.add(() -> callback.accept(new LeaseAnswer.NotLeader()))));
        awaitingEnd.clear();
        awaitingTakeBack
                .values()
                .forEach(waiting -> waiting.forEach(callback -> then.add(() -> callback.accept(false))));
        awaitingTakeBack.clear();
    }

    private void look(long now, List<Runnable> then) {
        lessor.reconcile(member.leases(), now);
        int room = Math.min(rules.expiriesPerLook, rules.maxEnding - endingCount);
        for (Timed expired : lessor.takeExpired(now, room)) {
            then.add(ending(expired));
        }
        for (Command.LeaseCheckpoint due : lessor.takeDueCheckpoints(now, rules.expiriesPerLook)) {
            // What waits to be taken back is taken back first.
            toCheckpoint.putIfAbsent(due.id(), due);
        }
        then.add(this::sendCheckpoints);
    }

    // ---- expiry ----

    private Runnable ending(Timed expired) {
        long term = lessor.term();
        endingCount++;
        return () -> member.propose(
                new Command.ExpireLease(expired.id, expired.grantIndex, term), result -> ended(expired, term, result));
    }

    private void ended(Timed expired, long term, @Nullable CommandResult result) {
        boolean isRevoked = result instanceof CommandResult.LeaseRevoked;
        boolean isGone = isRevoked
                || (result instanceof CommandResult.Refused refused && refused.why() == Refusal.LEASE_NOT_FOUND);
        if (isRevoked) {
            expiries.increment();
        }
        List<Consumer<LeaseAnswer>> waiting;
        synchronized (this) {
            if (lessor.term() != term) {
                return;
            }
            endingCount--;
            if (isGone) {
                lessor.forget(expired);
            } else {
                lessor.endLater(expired, now() + END_AGAIN_NANOS);
            }
            waiting = removed(awaitingEnd, expired.id);
        }
        LeaseAnswer answer = isGone ? new LeaseAnswer.Gone() : new LeaseAnswer.NotLeader();
        waiting.forEach(callback -> callback.accept(answer));
    }

    private static <T> List<T> removed(Map<Long, List<T>> waiting, long id) {
        List<T> found = waiting.remove(id);
        return found == null ? List.of() : found;
    }

    // ---- checkpoints ----

    /** Sends what is to be written down, unless a command with checkpoints is under way. */
    private void sendCheckpoints() {
        List<Command.LeaseCheckpoint> batch = new ArrayList<>();
        long term;
        synchronized (this) {
            if (isCheckpointing || toCheckpoint.isEmpty()) {
                return;
            }
            isCheckpointing = true;
            term = lessor.term();
            Iterator<Command.LeaseCheckpoint> each = toCheckpoint.values().iterator();
            while (each.hasNext() && batch.size() < rules.expiriesPerLook) {
                batch.add(each.next());
                each.remove();
            }
        }
        member.propose(new Command.CheckpointLeases(term, batch), result -> checkpointed(batch, term, result));
    }

    private void checkpointed(List<Command.LeaseCheckpoint> batch, long term, @Nullable CommandResult result) {
        boolean isDone = result instanceof CommandResult.LeasesCheckpointed;
        List<Consumer<Boolean>> waiting = new ArrayList<>();
        synchronized (this) {
            if (lessor.term() != term) {
                return;
            }
            isCheckpointing = false;
            for (Command.LeaseCheckpoint one : batch) {
                if (one.remainingSeconds() == 0) {
                    Lease lease = member.leases().find(one.id());
                    if (isDone
                            && lease != null
                            && lease.grantIndex() == one.grantIndex()
                            && !toCheckpoint.containsKey(one.id())) {
                        lessor.timed(lease, now()).checkpointTakenBack();
                    }
                    waiting.addAll(removed(awaitingTakeBack, one.id()));
                }
            }
        }
        waiting.forEach(callback -> callback.accept(isDone));
        sendCheckpoints();
    }

    // ---- questions ----

    /** Answers, perhaps later: a renewal of a lease that has run out waits until it is gone (LE-2). */
    public void ask(LeaseQuestion question, Consumer<LeaseAnswer> callback) {
        ask(question, callback, MAX_ATTEMPTS);
    }

    private void ask(LeaseQuestion question, Consumer<LeaseAnswer> callback, int attempts) {
        long term = member.ledTerm();
        Runnable next;
        synchronized (this) {
            if (term == Member.NOT_LEADING || lessor.term() != term || attempts == 0) {
                next = () -> callback.accept(new LeaseAnswer.NotLeader());
            } else if (question.isRenewal() && isCheckpointed(question.id())) {
                next = takeBack(question, callback, attempts);
            } else {
                long askedNanos = realNanos();
                next = () -> member.confirm(
                        isConfirmed -> confirmed(question, callback, attempts, term, askedNanos, isConfirmed));
            }
        }
        next.run();
    }

    private boolean isCheckpointed(long id) {
        Lease lease = member.leases().find(id);
        return lease != null
                && (lease.remainingSeconds() > 0 || lessor.timed(lease, now()).isCheckpointed());
    }

    /** The whole TTL counts only when no later leader can find less on record. */
    private Runnable takeBack(LeaseQuestion question, Consumer<LeaseAnswer> callback, int attempts) {
        Lease lease = member.leases().find(question.id());
        if (lease == null) {
            return () -> ask(question, callback, attempts - 1);
        }
        toCheckpoint.put(lease.id(), new Command.LeaseCheckpoint(lease.id(), lease.grantIndex(), 0));
        awaitingTakeBack.computeIfAbsent(lease.id(), x -> new ArrayList<>()).add(isDone -> {
            if (isDone) {
                ask(question, callback, attempts - 1);
            } else {
                callback.accept(new LeaseAnswer.NotLeader());
            }
        });
        return this::sendCheckpoints;
    }

    private void confirmed(
            LeaseQuestion question,
            Consumer<LeaseAnswer> callback,
            int attempts,
            long term,
            long askedNanos,
            boolean isConfirmed) {
        Runnable next;
        synchronized (this) {
            // Asked again after the confirmation: had another member led meanwhile, this one would know by now.
            if (!isConfirmed || member.ledTerm() != term || lessor.term() != term) {
                next = () -> callback.accept(new LeaseAnswer.NotLeader());
            } else {
                next = answer(question, callback, attempts, askedNanos);
            }
        }
        next.run();
    }

    private Runnable answer(LeaseQuestion question, Consumer<LeaseAnswer> callback, int attempts, long askedNanos) {
        Lease lease = member.leases().find(question.id());
        if (lease == null) {
            return () -> callback.accept(new LeaseAnswer.Gone());
        }
        long now = now();
        Timed timed = lessor.timed(lease, now);
        boolean isOver = timed.isEnding() || timed.remainingNanos(now) <= 0;
        if (!question.isRenewal()) {
            long left = Math.min(lease.ttlSeconds(), TimeUnit.NANOSECONDS.toSeconds(timed.remainingNanos(now)));
            LeaseAnswer answer = isOver ? new LeaseAnswer.Gone() : new LeaseAnswer.Alive(left, lease.ttlSeconds());
            return () -> callback.accept(answer);
        }
        if (isOver) {
            // The next look ends it, as fast as all are ended (LE-6) and no faster because somebody asks.
            awaitingEnd.computeIfAbsent(lease.id(), x -> new ArrayList<>()).add(callback);
            return () -> {};
        }
        if (realNanos() - askedNanos > rules.extendNanos || isCheckpointed(lease.id())) {
            return () -> ask(question, callback, attempts - 1);
        }
        lessor.renew(timed, now);
        renewals.increment();
        return () -> callback.accept(new LeaseAnswer.Alive(lease.ttlSeconds(), lease.ttlSeconds()));
    }
}

package io.axolotl.server.driver;

import io.axolotl.raft.ProposalOutcome;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ProposalCallback;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.server.driver.PipelineMetrics.Refused;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.PeerTransport;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.storage.command.Caller;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.command.RequestId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Every command that this node has taken from a caller and not yet answered. Each ends in exactly one outcome, and the
 * three are never confused: done when it was applied here; refused only when it is certain that it never was and never
 * will be; otherwise unknown.
 *
 * <p>How certainty is won. A proposal is either here, and nobody else has it, or it is out: appended to this node's log in
 * some term, or sent to the leader of some term, who appends it in that term or not at all ({@link Forward}), and once,
 * since the transport never repeats a forward. It comes back
 * when that leader says that it did not append it; or when an entry of a later term has been applied here and the proposal
 * has not: all logs that can still win hold that entry, nothing of an earlier term can follow it, and everything before it
 * has been applied (Leader Completeness and Log Matching, Raft §5.4). What has come back is proposed again, without the
 * caller noticing, until its time is up. A snapshot hides which entries it contains; what was out when one is installed
 * cannot come back and ends as unknown.
 *
 * <p>Slots instead of a map: request numbers count up, each claims the slot that its low bits name, and whoever swings the
 * slot back to empty has the right to answer. So the caller's thread, the applier and the driver never wait for each
 * other.
 *
 * <p>{@link #propose}, {@link #isAwaited}, {@link #applied}, {@link #appliedInDoubt} and the gauges are safe for all threads; the rest is confined to the driver thread.
 */
final class ProposalRegistry implements Applier.ProposalAnswers {
    /** How often what is held back is tried again when nothing has changed. */
    private static final long RETRY_NANOS = 50_000_000L;

    /** Proposals that are forwarded together weigh no more, unless one of them does by itself. */
    private static final long MAX_FORWARD_BYTES = 1 << 20;

    /** Of the driver's queue; the rest is for what peers send, on which all that is proposed depends. */
    static final long MAX_QUEUED_BYTES = Intake.MAX_BYTES / 2;

    private static final int SLOT_TRIES = 64;
    private static final int MAX_ANSWERED_KEPT = 1_024;

    private final NodeId self;
    private final Limits limits;
    private final BatchQueue<Arrival> driverQueue;
    private final PeerTransport transport;
    private final TimeoutCause timeoutCause;
    private final ApplyLag lag;
    private final Room room;
    private final LongSupplier clock;
    private final PipelineMetrics metrics;

    private final AtomicReferenceArray<@Nullable Proposal> slots;
    private final AtomicLong nextNumber;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong pendingBytes = new AtomicLong();
    private volatile boolean isClosed;
    private volatile boolean isSettled;

    /** In the order of their deadlines, answered ones among them. */
    private final ArrayDeque<Proposal> byDeadline = new ArrayDeque<>();

    /** Waiting for a leader that would take them. */
    private List<Proposal> held = new ArrayList<>();

    private final List<Proposal> toStep = new ArrayList<>();
    private final ArrayDeque<Stepped> stepped = new ArrayDeque<>();
    private long nextRetryNanos;

    /**
     * @param maxPending bound on unanswered proposals; a power of two
     * @param maxPendingBytes bound on their bytes
     * @param maxApplyLag proposals are refused while this many committed entries wait to be applied
     * @param maxPayloadBytes bound on one encoded command
     * @param timeoutNanos after which a caller is told that nobody knows
     */
    record Limits(int maxPending, long maxPendingBytes, long maxApplyLag, long maxPayloadBytes, long timeoutNanos) {
        Limits {
            if (Integer.bitCount(maxPending) != 1) {
                throw new IllegalArgumentException("the bound on pending proposals must be a power of two");
            }
        }
    }

    /** How many committed entries wait to be applied. Safe for all threads. */
    @FunctionalInterface
    interface ApplyLag {
        long entries();
    }

    /** Whether there is room on the disk for what commands add. Safe for all threads. */
    @FunctionalInterface
    interface Room {
        boolean isLackingFor(byte[] payload);
    }

    /** Something that was stepped into the core in this batch and waits for its outcome: own or forwarded. */
    private record Stepped(@Nullable Proposal own, @Nullable NodeId from, long term, long number) {}

    /** @param firstNumber above all that this member has used before; see {@link RequestId#number} */
    ProposalRegistry(
            NodeId self,
            long firstNumber,
            Limits limits,
            BatchQueue<Arrival> driverQueue,
            PeerTransport transport,
            TimeoutCause timeoutCause,
            ApplyLag lag,
            Room room,
            LongSupplier clock,
            PipelineMetrics metrics) {
        this.self = self;
        this.limits = limits;
        this.driverQueue = driverQueue;
        this.transport = transport;
        this.timeoutCause = timeoutCause;
        this.lag = lag;
        this.room = room;
        this.clock = clock;
        this.metrics = metrics;
        this.slots = new AtomicReferenceArray<>(limits.maxPending);
        this.nextNumber = new AtomicLong(firstNumber);
        this.nextRetryNanos = clock.getAsLong();
    }

    // ---- callers ----

    void propose(Caller caller, Command command, ProposalCallback callback) {
        Failure refusal = admit(caller, command, callback);
        if (refusal != null) {
            metrics.proposalFailed();
            callback.on(new ProposalResult.Refused(refusal));
        }
    }

    /** @return why the command was not taken, or null if it was */
    private @Nullable Failure admit(Caller caller, Command command, ProposalCallback callback) {
        if (isClosed) {
            return Failure.STOPPED;
        }
        if (pending.get() >= limits.maxPending) {
            return tooMany(Refused.PENDING);
        }
        if (lag.entries() > limits.maxApplyLag) {
            return tooMany(Refused.APPLY_LAG);
        }
        Proposal proposal = null;
        for (int i = 0; i < SLOT_TRIES && proposal == null; i++) {
            long number = nextNumber.getAndIncrement();
            if (slots.get(slot(number)) != null) {
                continue;
            }
            byte[] payload = CommandCodec.encode(new RequestId(self.value(), number), caller, command);
            if (payload.length > limits.maxPayloadBytes) {
                return Failure.TOO_LARGE;
            }
            Proposal candidate = new Proposal(number, payload, callback, clock.getAsLong());
            if (slots.compareAndSet(slot(number), null, candidate)) {
                proposal = candidate;
            }
        }
        if (proposal == null) {
            return tooMany(Refused.PENDING);
        }
        pending.incrementAndGet();
        boolean hasRoom = pendingBytes.addAndGet(proposal.sizeBytes()) <= limits.maxPendingBytes;
        if (!hasRoom) {
            return release(proposal) ? tooMany(Refused.PENDING) : null;
        }
        if (driverQueue.bytes() > MAX_QUEUED_BYTES || !driverQueue.offer(proposal, proposal.sizeBytes())) {
            return release(proposal) ? tooMany(Refused.QUEUE) : null;
        }
        if (isSettled) {
            // The driver is gone and has looked at every slot, perhaps before this one was claimed.
            return release(proposal) ? Failure.STOPPED : null;
        }
        return null;
    }

    private Failure tooMany(Refused why) {
        metrics.proposalRefused(why);
        return Failure.TOO_MANY_REQUESTS;
    }

    private int slot(long number) {
        return (int) (number & (limits.maxPending - 1));
    }

    private boolean release(Proposal proposal) {
        if (!slots.compareAndSet(slot(proposal.number), proposal, null)) {
            return false;
        }
        pending.decrementAndGet();
        pendingBytes.addAndGet(-proposal.sizeBytes());
        return true;
    }

    private boolean isAnswered(Proposal proposal) {
        return slots.get(slot(proposal.number)) != proposal;
    }

    private void answer(Proposal proposal, ProposalResult result) {
        if (release(proposal)) {
            if (!(result instanceof ProposalResult.Done)) {
                metrics.proposalFailed();
            }
            proposal.callback.on(result);
        }
    }

    /** Whether this node proposed it and has not answered its caller. Once false, it stays so. */
    @Override
    public boolean isAwaited(RequestId id) {
        return awaited(id) != null;
    }

    private @Nullable Proposal awaited(RequestId id) {
        if (id.origin() != self.value()) {
            return null;
        }
        Proposal proposal = slots.get(slot(id.number()));
        return proposal != null && proposal.number == id.number() ? proposal : null;
    }

    /** An entry was applied here; answers its caller if this node proposed it. */
    @Override
    public void applied(RequestId id, CommandResult result) {
        Proposal proposal = awaited(id);
        if (proposal != null) {
            answer(proposal, new ProposalResult.Done(result));
        }
    }

    /** Whether it has been applied rightly here is not certain, so what came of it is not told. */
    @Override
    public void appliedInDoubt(RequestId id) {
        Proposal proposal = awaited(id);
        if (proposal != null) {
            answer(proposal, new ProposalResult.Unknown(Failure.QUARANTINED));
        }
    }

    long pending() {
        return pending.get();
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    // ---- driver thread: before the core takes its step ----

    /** A proposal has arrived at the driver: it will be stepped in this batch. */
    void arrived(Proposal proposal) {
        if (byDeadline.size() > 2 * pending.get() + MAX_ANSWERED_KEPT) {
            // One that waits long at the head must not keep all that were answered behind it in memory.
            byDeadline.removeIf(this::isAnswered);
        }
        byDeadline.add(proposal);
        toStep.add(proposal);
    }

    /** A member forwards proposals: each is stepped now if this node is in their term. */
    void forwarded(NodeId from, Forward forward, long currentTerm, Stepper stepper) {
        if (forward.term() != currentTerm) {
            transport.refuse(
                    from, new ForwardRefused(forward.term(), forward.numbers(), ForwardRefused.Why.NOT_LEADER));
            return;
        }
        Refusals refusals = new Refusals();
        for (int i = 0; i < forward.numbers().length; i++) {
            long number = forward.numbers()[i];
            if (room.isLackingFor(forward.payloads()[i])) {
                refusals.add(from, forward.term(), number, ForwardRefused.Why.DISK_FULL);
                continue;
            }
            stepped.add(new Stepped(null, from, forward.term(), number));
            stepper.propose(number, forward.payloads()[i]);
        }
        refusals.sendBy(transport);
    }

    /** A member's proposals found the driver's queue full. */
    void turnAway(NodeId from, ForwardRefused refusal) {
        transport.refuse(from, refusal);
    }

    /** A member says that it did not append these, and never will in that term. */
    void forwardRefused(NodeId from, ForwardRefused refused) {
        for (long number : refused.numbers()) {
            Proposal proposal = slots.get(slot(number));
            if (proposal == null || proposal.number != number || !proposal.wasForwardedTo(from, refused.term())) {
                continue;
            }
            proposal.cameBack();
            switch (refused.why()) {
                case NOT_LEADER -> held.add(proposal);
                case BUSY -> answer(proposal, new ProposalResult.Refused(tooMany(Refused.LEADER_BUSY)));
                case DISK_FULL -> answer(proposal, new ProposalResult.Refused(Failure.DISK_FULL));
            }
        }
    }

    /** Puts a proposal into the core. */
    @FunctionalInterface
    interface Stepper {
        void propose(long proposalId, byte[] payload);
    }

    /** Steps what has arrived, and what was held back if it is time to try again. */
    void step(long nowNanos, Stepper stepper) {
        expire(nowNanos);
        if (!held.isEmpty() && nowNanos - nextRetryNanos >= 0) {
            nextRetryNanos = nowNanos + RETRY_NANOS;
            toStep.addAll(held);
            held.clear();
        }
        for (Proposal proposal : toStep) {
            if (isAnswered(proposal)) {
                continue;
            }
            if (proposal.callback.isAbandoned()) {
                // Nobody has it: it waits here, or came back. So this is certain, and saves the log, the peers and the
                // store.
                metrics.proposalRefused(Refused.ABANDONED);
                answer(proposal, new ProposalResult.Refused(Failure.TIMEOUT));
            } else {
                stepped.add(new Stepped(proposal, null, 0, proposal.number));
                stepper.propose(proposal.number, proposal.payload);
            }
        }
        toStep.clear();
    }

    /** Something else was stepped into the core that is answered by an outcome in its turn; whoever did so takes it. */
    void steppedElsewhere(long number) {
        stepped.add(new Stepped(null, null, 0, number));
    }

    private void expire(long nowNanos) {
        while (true) {
            Proposal oldest = byDeadline.peek();
            if (oldest == null) {
                return;
            }
            if (!isAnswered(oldest)) {
                if (nowNanos - oldest.startNanos < limits.timeoutNanos) {
                    return;
                }
                Failure why = timeoutCause.of(oldest.startNanos, nowNanos);
                answer(oldest, oldest.isOut() ? new ProposalResult.Unknown(why) : new ProposalResult.Refused(why));
            }
            byDeadline.poll();
        }
    }

    // ---- driver thread: after the core has taken its step ----

    /**
     * Takes the outcomes of everything that was stepped in this batch, in order.
     *
     * @param currentTerm the term in which a leader named by an outcome leads
     */
    void outcomes(List<ProposalOutcome> outcomes, long currentTerm) {
        if (outcomes.isEmpty()) {
            return;
        }
        Map<NodeId, List<Proposal>> toForward = new TreeMap<>();
        Refusals refusals = new Refusals();
        for (ProposalOutcome outcome : outcomes) {
            Stepped what = stepped.poll();
            if (what == null || what.number != outcome.proposalId()) {
                throw new AssertionError("outcome " + outcome + " answers " + what + ", not what was proposed in turn");
            }
            if (what.own != null) {
                take(what.own, outcome, toForward);
            } else if (what.from != null && !(outcome instanceof ProposalOutcome.Appended)) {
                refusals.add(
                        what.from,
                        what.term,
                        what.number,
                        isOverloaded(outcome) ? ForwardRefused.Why.BUSY : ForwardRefused.Why.NOT_LEADER);
            }
        }
        toForward.forEach((leader, proposals) -> forward(leader, currentTerm, proposals));
        refusals.sendBy(transport);
    }

    private void take(Proposal proposal, ProposalOutcome outcome, Map<NodeId, List<Proposal>> toForward) {
        if (outcome instanceof ProposalOutcome.Appended appended) {
            proposal.sentOut(appended.id().term(), null);
        } else if (outcome instanceof ProposalOutcome.NotLeader elsewhere) {
            NodeId leader = elsewhere.leader();
            if (leader == null || leader.equals(self)) {
                held.add(proposal);
            } else {
                toForward.computeIfAbsent(leader, x -> new ArrayList<>()).add(proposal);
            }
        } else if (isOverloaded(outcome)) {
            answer(proposal, new ProposalResult.Refused(tooMany(Refused.UNCOMMITTED)));
        } else {
            held.add(proposal);
        }
    }

    private static boolean isOverloaded(ProposalOutcome outcome) {
        return outcome instanceof ProposalOutcome.Busy busy
                && busy.reason() == ProposalOutcome.Reason.TOO_MANY_UNCOMMITTED_BYTES;
    }

    /** In pieces, so that no frame grows past what a peer takes, however much was held back. */
    private void forward(NodeId leader, long term, List<Proposal> proposals) {
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < proposals.size(); i++) {
            long size = proposals.get(i).sizeBytes();
            if (i > from && bytes + size > MAX_FORWARD_BYTES) {
                forwardAtOnce(leader, term, proposals.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        forwardAtOnce(leader, term, proposals.subList(from, proposals.size()));
    }

    private void forwardAtOnce(NodeId leader, long term, List<Proposal> proposals) {
        long[] numbers = new long[proposals.size()];
        byte[][] payloads = new byte[numbers.length][];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = proposals.get(i).number;
            payloads[i] = proposals.get(i).payload;
            // Before it is handed over: the refusal may overtake the return of the call.
            proposals.get(i).sentOut(term, leader);
        }
        if (!transport.forward(leader, new Forward(term, numbers, payloads))) {
            for (Proposal proposal : proposals) {
                proposal.cameBack();
                held.add(proposal);
            }
        }
    }

    /** Someone leads who did not before: what is held back need not wait longer. */
    void leaderKnown(long nowNanos) {
        nextRetryNanos = nowNanos;
    }

    /**
     * Every entry through the first one of {@code term} has been applied here, so what is out in an earlier term and has not
     * been answered is lost for certain and is proposed again.
     */
    void appliedFirstOf(long term) {
        for (Proposal proposal : byDeadline) {
            if (proposal.isLostBy(term) && !isAnswered(proposal)) {
                proposal.cameBack();
                held.add(proposal);
            }
        }
    }

    /** A snapshot was installed: what it contains cannot be told apart any more. */
    void snapshotInstalled() {
        for (Proposal proposal : byDeadline) {
            if (proposal.isOut()) {
                proposal.lostFromSight();
            }
        }
    }

    // ---- the end ----

    /** From now on proposals are refused; those that were taken go on. Safe for all threads. */
    void close() {
        isClosed = true;
    }

    /** Answers all that is left: unknown if it is out, refused if not. To be called when the driver has ended. */
    void settle() {
        isClosed = true;
        for (int i = 0; i < slots.length(); i++) {
            Proposal proposal = slots.get(i);
            if (proposal != null) {
                answer(
                        proposal,
                        proposal.isOut()
                                ? new ProposalResult.Unknown(Failure.STOPPED)
                                : new ProposalResult.Refused(Failure.STOPPED));
            }
        }
        isSettled = true;
    }

    /** Gathers refusals so that each member gets one message per term and reason. */
    private static final class Refusals {
        private record Key(NodeId from, long term, ForwardRefused.Why why) {}

        private final Map<Key, List<Long>> byKey = new java.util.LinkedHashMap<>();

        void add(NodeId from, long term, long number, ForwardRefused.Why why) {
            byKey.computeIfAbsent(new Key(from, term, why), k -> new ArrayList<>())
                    .add(number);
        }

        void sendBy(PeerTransport transport) {
            byKey.forEach((key, numbers) -> transport.refuse(
                    key.from,
                    new ForwardRefused(
                            key.term,
                            numbers.stream().mapToLong(Long::longValue).toArray(),
                            key.why)));
        }
    }
}

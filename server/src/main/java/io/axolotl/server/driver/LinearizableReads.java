package io.axolotl.server.driver;

import io.axolotl.raft.ReadState;
import io.axolotl.server.driver.NodeService.Failure;
import io.axolotl.server.driver.NodeService.ReadCallback;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.Waker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads that must see everything finished before they were asked (ReadIndex, thesis §6.4). All that wait share one round:
 * the first starts a round at once, and what arrives while it is under way takes the next. On a slow network rounds
 * overlap, each started a little after the one before, so a read never waits for a whole round of others.
 *
 * <p>A round is always asked under a fresh id (pitfall 28). One that stays without answer is asked again; one that is
 * refused, since leadership could not be confirmed, waits for news of a leader. A confirmed round goes to the {@link
 * Applier}, which answers when the state has reached its index (pitfall 30). A round all of whose reads have timed out is
 * forgotten, so a leader that cannot confirm any is not asked without end.
 *
 * <p>{@link #ask} is safe for all threads; the rest is confined to the driver thread.
 */
final class LinearizableReads {
    /** Bound on reads that wait, in the queue or behind it. */
    private static final int MAX_WAITING = 200_000;

    private static final long ASK_AGAIN_NANOS = 500_000_000L;
    private static final long AFTER_REFUSAL_NANOS = 50_000_000L;

    /** While a round is under way the next one starts this much later, or when it ends. */
    private static final long BETWEEN_ROUNDS_NANOS = 1_000_000L;

    private static final int MAX_ROUNDS = 256;

    private final Confirmed confirmed;
    private final TimeoutCause timeoutCause;
    private final long timeoutNanos;
    private final PipelineMetrics metrics;
    private final BatchQueue<ReadCallback> arrived = new BatchQueue<>(MAX_WAITING, Long.MAX_VALUE);

    private final List<Round> rounds = new ArrayList<>();
    private List<Waiting> unasked = new ArrayList<>();
    private final ArrayDeque<Waiting> unfinished = new ArrayDeque<>();

    /** How many reads were gathered and not yet answered. */
    private final AtomicInteger waitingCount = new AtomicInteger();

    private long nextId;
    private long lastStartNanos;
    private long notBeforeNanos;
    private long steppedNanos;
    private volatile boolean isClosed;
    private volatile boolean isSettled;

    /** Answers reads once everything through {@code index} has been applied. */
    @FunctionalInterface
    interface Confirmed {
        void answerReads(long index, List<Waiting> reads);
    }

    /** Reads that arrived together. Answered once, by the applier or by the driver, whoever is first. */
    static final class Waiting {
        private final List<ReadCallback> callbacks;
        private final long arrivedNanos;
        private final long gatheredNanos;
        private final AtomicInteger waitingCount;
        private final AtomicBoolean isAnswered = new AtomicBoolean();

        /**
         * @param arrivedNanos when the first of them arrived, as {@code System.nanoTime}
         * @param gatheredNanos when the driver saw them, by its own clock: their time-out counts from here
         * @param waitingCount what they are counted in until they are answered
         */
        Waiting(List<ReadCallback> callbacks, long arrivedNanos, long gatheredNanos, AtomicInteger waitingCount) {
            this.callbacks = callbacks;
            this.arrivedNanos = arrivedNanos;
            this.gatheredNanos = gatheredNanos;
            this.waitingCount = waitingCount;
            waitingCount.addAndGet(callbacks.size());
        }

        /** Answers all of them. Safe for all threads. */
        boolean answer(@Nullable Failure failure) {
            if (!isAnswered.compareAndSet(false, true)) {
                return false;
            }
            waitingCount.addAndGet(-callbacks.size());
            for (ReadCallback callback : callbacks) {
                callback.on(failure);
            }
            return true;
        }

        boolean isAnswered() {
            return isAnswered.get();
        }

        int count() {
            return callbacks.size();
        }

        long arrivedNanos() {
            return arrivedNanos;
        }
    }

    private static final class Round {
        private final List<Waiting> reads;
        private final List<Long> ids = new ArrayList<>();
        private long askedNanos;

        Round(List<Waiting> reads) {
            this.reads = reads;
        }
    }

    /**
     * @param firstId ids count up from here and are never used twice by this node
     * @param nowNanos the driver's clock
     */
    LinearizableReads(
            Confirmed confirmed,
            TimeoutCause timeoutCause,
            long firstId,
            long timeoutNanos,
            long nowNanos,
            PipelineMetrics metrics) {
        this.confirmed = confirmed;
        this.timeoutCause = timeoutCause;
        this.nextId = firstId;
        this.timeoutNanos = timeoutNanos;
        this.notBeforeNanos = nowNanos;
        this.steppedNanos = nowNanos;
        this.metrics = metrics;
    }

    void wakes(Waker driver) {
        arrived.wakes(driver);
    }

    void ask(ReadCallback callback) {
        if (isClosed) {
            callback.on(Failure.STOPPED);
        } else if (waitingCount.get() >= MAX_WAITING || !arrived.offer(callback, 1)) {
            callback.on(Failure.TOO_MANY_REQUESTS);
        } else if (isSettled) {
            // It came after the last look at the queue.
            refuseArrived();
        }
    }

    private void refuseArrived() {
        List<ReadCallback> left = new ArrayList<>();
        arrived.drainTo(left);
        left.forEach(callback -> callback.on(Failure.STOPPED));
    }

    /** Starts rounds that are due; {@code readIndex} steps one into the core under the id it is given. */
    void step(long nowNanos, LongConsumer readIndex) {
        steppedNanos = nowNanos;
        expire(nowNanos);
        // Even if no round may start: how long they may wait counts from here.
        gather(nowNanos);
        for (Round round : rounds) {
            if (nowNanos - round.askedNanos > ASK_AGAIN_NANOS) {
                start(round, nowNanos, readIndex);
            }
        }
        if (nowNanos - notBeforeNanos < 0 || !mayStartAnother(nowNanos)) {
            return;
        }
        if (!unasked.isEmpty()) {
            Round round = new Round(unasked);
            unasked = new ArrayList<>();
            rounds.add(round);
            lastStartNanos = nowNanos;
            start(round, nowNanos, readIndex);
        }
    }

    private void gather(long nowNanos) {
        if (arrived.isEmpty()) {
            return;
        }
        List<ReadCallback> callbacks = new ArrayList<>();
        long arrivedNanos = arrived.drainTo(callbacks);
        Waiting waiting = new Waiting(callbacks, arrivedNanos, nowNanos, waitingCount);
        unasked.add(waiting);
        unfinished.add(waiting);
    }

    private boolean mayStartAnother(long nowNanos) {
        return rounds.isEmpty() || (rounds.size() < MAX_ROUNDS && nowNanos - lastStartNanos >= BETWEEN_ROUNDS_NANOS);
    }

    private void start(Round round, long nowNanos, LongConsumer readIndex) {
        long id = nextId++;
        round.ids.add(id);
        round.askedNanos = nowNanos;
        readIndex.accept(id);
    }

    private void expire(long nowNanos) {
        boolean hasExpired = false;
        for (Waiting oldest = unfinished.peek(); oldest != null; oldest = unfinished.peek()) {
            if (!oldest.isAnswered()) {
                if (nowNanos - oldest.gatheredNanos < timeoutNanos) {
                    break;
                }
                if (oldest.answer(timeoutCause.of(oldest.gatheredNanos, nowNanos))) {
                    metrics.readsFailed(oldest.count());
                    hasExpired = true;
                }
            }
            unfinished.remove();
        }
        if (hasExpired) {
            unasked.removeIf(Waiting::isAnswered);
            for (Round round : rounds) {
                round.reads.removeIf(Waiting::isAnswered);
            }
            rounds.removeIf(round -> round.reads.isEmpty());
        }
    }

    /**
     * Takes what the core has found out.
     *
     * @param nowNanos when this turn of the driver began
     * @param lookedNanos the clock after these reads were gathered: a lease that has ended by then proves nothing (pitfall 32)
     */
    void states(List<ReadState> states, long nowNanos, long lookedNanos) {
        for (ReadState state : states) {
            Round round = remove(state.readId());
            if (round == null) {
                continue;
            }
            if (state instanceof ReadState.Confirmed at) {
                confirmed.answerReads(at.index(), round.reads);
            } else if (state instanceof ReadState.Leased leased) {
                if (lookedNanos - leased.untilNanos() < 0) {
                    confirmed.answerReads(leased.index(), round.reads);
                } else {
                    askAgain(round, nowNanos);
                }
            } else {
                askAgain(round, nowNanos + AFTER_REFUSAL_NANOS);
            }
        }
    }

    private void askAgain(Round round, long fromNanos) {
        round.reads.removeIf(Waiting::isAnswered);
        unasked.addAll(0, round.reads);
        notBeforeNanos = fromNanos;
    }

    private @Nullable Round remove(long id) {
        for (Iterator<Round> each = rounds.iterator(); each.hasNext(); ) {
            Round round = each.next();
            if (round.ids.contains(id)) {
                each.remove();
                return round;
            }
        }
        return null;
    }

    /** Someone leads who did not before: refused rounds may be asked again at once. */
    void leaderKnown(long nowNanos) {
        notBeforeNanos = nowNanos;
    }

    /** How long the driver may sleep as far as reads go. */
    long maxParkNanos() {
        return rounds.isEmpty() || unasked.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(BETWEEN_ROUNDS_NANOS, notBeforeNanos - steppedNanos);
    }

    /** From now on reads are refused. Safe for all threads. */
    void close() {
        isClosed = true;
    }

    /** Answers all that is left. To be called when the driver and the applier have ended. */
    void settle() {
        isClosed = true;
        unfinished.forEach(waiting -> waiting.answer(Failure.STOPPED));
        unfinished.clear();
        isSettled = true;
        refuseArrived();
    }
}

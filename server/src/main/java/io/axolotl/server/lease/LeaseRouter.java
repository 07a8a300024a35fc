package io.axolotl.server.lease;

import io.axolotl.raft.membership.NodeId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a question about a lease to whoever leads, this member included, and again until it is answered or the time is up
 * (G-7, LE-2). Asking again is harmless: a renewal that was made twice is one.
 *
 * <p>Safe for all threads; {@link #turn} is called by one.
 */
public final class LeaseRouter {
    private static final long AGAIN_NANOS = 50_000_000L;
    private static final int MAX_WAITING = 200_000;

    private final Cluster cluster;
    private final long patienceNanos;
    private final LongSupplier clock;

    /** In the order in which they are due. Guarded by itself. */
    private final List<Waiting> waiting = new ArrayList<>();

    private boolean isClosed;

    private record Waiting(LeaseQuestion question, Callback callback, long startNanos, long dueNanos) {}

    /** Who can be asked. Safe for all threads. */
    public interface Cluster {
        /** Who is believed to lead, or null. */
        @Nullable NodeId leader();

        /** Asks that member once; answered with null if nothing was heard. */
        void ask(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> onAnswer);
    }

    /** Why nobody has answered. */
    public enum Failure {
        NO_LEADER,
        TIMEOUT,
        TOO_MANY,
        STOPPED
    }

    /** Called once; must not block. */
    public interface Callback {
        /** @param answer {@link LeaseAnswer.Gone} or {@link LeaseAnswer.Alive} */
        void on(LeaseAnswer answer);

        void failed(Failure why);
    }

    public LeaseRouter(Cluster cluster, long patienceNanos, LongSupplier clock) {
        this.cluster = cluster;
        this.patienceNanos = patienceNanos;
        this.clock = clock;
    }

    public void ask(LeaseQuestion question, Callback callback) {
        ask(question, callback, clock.getAsLong());
    }

    private void ask(LeaseQuestion question, Callback callback, long startNanos) {
        NodeId leader = cluster.leader();
        if (leader == null) {
            again(question, callback, startNanos, Failure.NO_LEADER);
            return;
        }
        cluster.ask(leader, question, answer -> {
            if (answer == null || answer instanceof LeaseAnswer.NotLeader) {
                again(question, callback, startNanos, Failure.TIMEOUT);
            } else {
                callback.on(answer);
            }
        });
    }

    private void again(LeaseQuestion question, Callback callback, long startNanos, Failure why) {
        long now = clock.getAsLong();
        Failure failure = null;
        synchronized (waiting) {
            if (isClosed) {
                failure = Failure.STOPPED;
            } else if (now - startNanos >= patienceNanos) {
                failure = why;
            } else if (waiting.size() >= MAX_WAITING) {
                failure = Failure.TOO_MANY;
            } else {
                waiting.add(new Waiting(question, callback, startNanos, now + AGAIN_NANOS));
            }
        }
        if (failure != null) {
            callback.failed(failure);
        }
    }

    /** Asks again what is due. To be called every few milliseconds. */
    public void turn() {
        long now = clock.getAsLong();
        List<Waiting> due = new ArrayList<>();
        synchronized (waiting) {
            Iterator<Waiting> each = waiting.iterator();
            boolean isDue = true;
            while (isDue && each.hasNext()) {
                Waiting next = each.next();
                isDue = now - next.dueNanos >= 0;
                if (isDue) {
                    due.add(next);
                }
            }
            waiting.subList(0, due.size()).clear();
        }
        due.forEach(one -> ask(one.question, one.callback, one.startNanos));
    }

    /** Whether somebody waits to be asked for again. */
    public boolean isIdle() {
        synchronized (waiting) {
            return waiting.isEmpty();
        }
    }

    /** Answers whoever still waits. */
    public void close() {
        List<Waiting> left;
        synchronized (waiting) {
            isClosed = true;
            left = List.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(one -> one.callback.failed(Failure.STOPPED));
    }
}

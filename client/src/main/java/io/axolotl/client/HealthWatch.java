package io.axolotl.client;

import io.axolotl.client.proto.StatusRequest;
import io.axolotl.client.proto.StatusResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the members while calls are made: gives each its share of the reads, asks those that are not well, or silent, how
 * they are, and takes the reads away from those that do not even say that. A member that is cut off or paused loses its reads
 * within some two seconds, those under way included, and its watches, and has them back a second after it answers again. What is
 * under way is left alone where no other member is better, and where this process has been paused itself: giving it up would only
 * make it twice. A client that makes no calls asks nobody anything.
 *
 * <p>What members say is etcd's Status: how far they have applied, whether they are learners, what is wrong with them.
 *
 * <p>{@link #called} is safe for all threads; the rest runs on a network thread, one look at a time.
 */
final class HealthWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** A look that is so late says that answers may be here that nobody had time to read. */
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Without a call for so long, it goes to sleep. */
    private static final long AWAKE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Who has said nothing for so long, and should have, is asked. */
    static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a member has to say how it is. */
    static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long ASK_UNWELL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long ASK_WELL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What gRPC says when the member does not. */
    private static final Set<Status.Code> SAYS_NOTHING =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED);

    private final List<Connection> connections;
    private final ScheduledExecutorService timer;
    private final LongSupplier clock;
    private final ClientMetrics metrics;
    private final Asking asking;
    private final AtomicBoolean isAwake = new AtomicBoolean();
    private volatile long calledNanos;

    /** When each was asked last. Confined to the looks. */
    private final Map<Connection, Long> asked = new ConcurrentHashMap<>();

    private final Set<Connection> beingAsked = ConcurrentHashMap.newKeySet();

    /** When the next look is due; only meaningful while awake. */
    private volatile long dueNanos;

    /** When a look came late for the last time: this process was paused, or has too much to do. */
    private volatile long pausedNanos;

    private volatile boolean wasPaused;

    /** How a member is asked how it is. Whether it says so is told within {@link #ANSWER_NANOS}. */
    interface Asking {
        void ask(Connection connection, StreamObserver<StatusResponse> answer);
    }

    HealthWatch(
            List<Connection> connections, ScheduledExecutorService timer, LongSupplier clock, ClientMetrics metrics) {
        this(connections, timer, clock, metrics, HealthWatch::askStatus);
    }

    HealthWatch(
            List<Connection> connections,
            ScheduledExecutorService timer,
            LongSupplier clock,
            ClientMetrics metrics,
            Asking asking) {
        this.asking = asking;
        this.connections = connections;
        this.timer = timer;
        this.clock = clock;
        this.metrics = metrics;
        this.calledNanos = clock.getAsLong();
    }

    /** A call begins. */
    void called() {
        calledNanos = clock.getAsLong();
        if (!isAwake.get() && isAwake.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private void lookLater() {
        dueNanos = clock.getAsLong() + LOOK_NANOS;
        try {
            var unused = timer.schedule(this::lookAndGoOn, LOOK_NANOS, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            isAwake.set(false);
        }
    }

    private void lookAndGoOn() {
        long now = clock.getAsLong();
        try {
            if (isLate(now)) {
                pausedNanos = now;
                wasPaused = true;
            }
            look(now);
        } catch (RuntimeException e) {
            LOG.error("a look after the members has failed; the next one comes", e);
        } finally {
            if (now - calledNanos < AWAKE_NANOS) {
                lookLater();
            } else {
                isAwake.set(false);
            }
        }
    }

    private boolean isLate(long nowNanos) {
        return isAwake.get() && nowNanos - dueNanos > LATE_NANOS;
    }

    /** Whether this process may not have heard what was said to it since then. */
    private boolean wasPausedSince(long sinceNanos, long nowNanos) {
        return isLate(nowNanos) || (wasPaused && pausedNanos - sinceNanos > 0);
    }

    void look(long nowNanos) {
        // All are asked while one is not well: what it says is held against the others.
        boolean isAnyUnwell = connections.stream().anyMatch(connection -> isUnwell(connection, nowNanos));
        long everyNanos = isAnyUnwell ? ASK_UNWELL_NANOS : ASK_WELL_NANOS;
        for (Connection connection : connections) {
            long last = asked.computeIfAbsent(connection, c -> nowNanos);
            boolean isFirst = last == nowNanos && isUnwell(connection, nowNanos);
            if ((isFirst || nowNanos - last >= everyNanos) && beingAsked.add(connection)) {
                asked.put(connection, nowNanos);
                ask(connection, nowNanos);
            }
        }
        weigh(nowNanos);
    }

    private static boolean isUnwell(Connection connection, long nowNanos) {
        MemberHealth health = connection.health();
        return health.isSick() || health.weight() < MemberHealth.WELL || health.silentNanos(nowNanos) >= SILENT_NANOS;
    }

    private boolean isAnotherWell(Connection than, long nowNanos) {
        return connections.stream()
                .anyMatch(
                        connection -> connection != than && !connection.isForeign() && !isUnwell(connection, nowNanos));
    }

    private void weigh(long nowNanos) {
        double bestRead = 0;
        double bestAsked = 0;
        for (Connection connection : connections) {
            MemberHealth health = connection.health();
            if (!health.isSick() && !connection.isForeign()) {
                bestRead = lesser(bestRead, health.readNanos(nowNanos));
                bestAsked = lesser(bestAsked, health.askedNanos());
            }
        }
        for (Connection connection : connections) {
            connection.health().weigh(nowNanos, bestRead, bestAsked);
        }
    }

    private static double lesser(double best, double nanos) {
        return nanos == 0 || (best != 0 && best < nanos) ? best : nanos;
    }

    private static void askStatus(Connection connection, StreamObserver<StatusResponse> answer) {
        ClientCalls.asyncUnaryCall(
                connection
                        .channel()
                        .newCall(
                                Calls.STATUS.method(),
                                CallOptions.DEFAULT.withDeadlineAfter(ANSWER_NANOS, TimeUnit.NANOSECONDS)),
                StatusRequest.getDefaultInstance(),
                answer);
    }

    private void ask(Connection connection, long askedNanos) {
        boolean isAsked = false;
        try {
            asking.ask(connection, new Answer(connection, askedNanos));
            isAsked = true;
        } finally {
            if (!isAsked) {
                beingAsked.remove(connection);
            }
        }
    }

    /** What a member says of itself. */
    private final class Answer implements StreamObserver<StatusResponse> {
        private final Connection connection;
        private final long askedNanos;

        Answer(Connection connection, long askedNanos) {
            this.connection = connection;
            this.askedNanos = askedNanos;
        }

        @Override
        public void onNext(StatusResponse response) {
            long now = clock.getAsLong();
            StatusResult status = Wire.status(response);
            connection.health().told(now, now - askedNanos, status);
            if (status.leaderId() == 0 && isAnotherWell(connection, now)) {
                // Cut off from the others: what needs a leader waits there for nothing.
                connection.abandonAll();
            }
        }

        @Override
        public void onError(Throwable why) {
            beingAsked.remove(connection);
            long now = clock.getAsLong();
            if (!SAYS_NOTHING.contains(Status.fromThrowable(why).getCode())) {
                // It may not tell this user, but it is there.
                connection.health().isThere(now);
            } else if (!wasPausedSince(askedNanos, now)) {
                saidNothing(connection);
            }
        }

        @Override
        public void onCompleted() {
            beingAsked.remove(connection);
        }
    }

    private void saidNothing(Connection connection) {
        if (!connection.health().isSick()) {
            metrics.memberLost();
        }
        connection.health().toldNothing();
        connection.failed();
        boolean isElsewhereBetter =
                connections.stream().anyMatch(other -> !other.health().isSick() && !other.isForeign());
        if (isElsewhereBetter) {
            connection.abandonAll();
        }
    }
}

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

/**
 * Looks after the members while calls are made: gives each its share of the reads, asks those that are not well, or silent, how
 * they are, and takes the reads away from those that do not even say that. A member that is cut off or paused loses its reads
 * within some two seconds, those under way included, and has them back a second after it answers again. A client that nobody
 * uses asks nobody anything.
 *
 * <p>What members say is etcd's Status: how far they have applied, whether they are learners, what is wrong with them.
 *
 * <p>{@link #called} is safe for all threads; the rest runs on a network thread, one look at a time.
 */
final class HealthWatch {
    private static final long LOOK_MILLIS = 250;

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
    private final AtomicBoolean isAwake = new AtomicBoolean();
    private volatile long calledNanos;

    /** When each was asked last. Confined to the looks. */
    private final Map<Connection, Long> asked = new ConcurrentHashMap<>();

    private final Set<Connection> asking = ConcurrentHashMap.newKeySet();

    HealthWatch(
            List<Connection> connections, ScheduledExecutorService timer, LongSupplier clock, ClientMetrics metrics) {
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
        try {
            var unused = timer.schedule(this::lookAndGoOn, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            isAwake.set(false);
        }
    }

    private void lookAndGoOn() {
        long now = clock.getAsLong();
        look(now);
        if (now - calledNanos < AWAKE_NANOS) {
            lookLater();
        } else {
            isAwake.set(false);
        }
    }

    void look(long nowNanos) {
        // All are asked while one is not well: what it says is held against the others.
        boolean isAnyUnwell = connections.stream().anyMatch(connection -> isUnwell(connection, nowNanos));
        long everyNanos = isAnyUnwell ? ASK_UNWELL_NANOS : ASK_WELL_NANOS;
        for (Connection connection : connections) {
            long last = asked.computeIfAbsent(connection, c -> nowNanos);
            boolean isFirst = last == nowNanos && isUnwell(connection, nowNanos);
            if ((isFirst || nowNanos - last >= everyNanos) && asking.add(connection)) {
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

    private void ask(Connection connection, long nowNanos) {
        ClientCalls.asyncUnaryCall(
                connection
                        .channel()
                        .newCall(
                                Calls.STATUS.method(),
                                CallOptions.DEFAULT.withDeadlineAfter(ANSWER_NANOS, TimeUnit.NANOSECONDS)),
                StatusRequest.getDefaultInstance(),
                new StreamObserver<StatusResponse>() {
                    @Override
                    public void onNext(StatusResponse response) {
                        long now = clock.getAsLong();
                        StatusResult status = Wire.status(response);
                        connection.health().told(now, now - nowNanos, status);
                        if (status.leaderId() == 0 && isAnotherWell(connection, now)) {
                            // Cut off from the others: what needs a leader waits there for nothing.
                            connection.abandonAll();
                        }
                    }

                    @Override
                    public void onError(Throwable why) {
                        asking.remove(connection);
                        if (!SAYS_NOTHING.contains(Status.fromThrowable(why).getCode())) {
                            // It may not tell this user, but it is there.
                            connection.health().isThere(clock.getAsLong());
                            return;
                        }
                        if (!connection.health().isSick()) {
                            metrics.memberLost();
                        }
                        connection.health().toldNothing();
                        connection.failed();
                        connection.abandonAll();
                    }

                    @Override
                    public void onCompleted() {
                        asking.remove(connection);
                    }
                });
    }
}

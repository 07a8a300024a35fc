package io.axolotl.client;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The channel to one endpoint, and whether it has worked lately. Safe for all threads.
 *
 * <p>After a failed connect gRPC by itself waits for up to two minutes before it connects again, which is far longer than an
 * election: a node that came back would be shunned. So whoever calls after a failure asks for a new attempt at once, but not
 * more often than {@link #RECONNECT_NANOS}.
 */
final class Connection {
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long others are preferred after a failure; then it is given a chance again, or a restarted node would stay idle. */
    private static final long SHUN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Endpoint endpoint;
    private final ManagedChannel channel;

    /** The same, on which calls show who makes them, if anybody has logged in. */
    private final Channel shownChannel;

    /** Monotonic time of the last failure, 0 if the last call worked. */
    private final AtomicLong failedNanos = new AtomicLong();

    private final MemberHealth health = new MemberHealth();

    /** Under way, and may be made elsewhere. */
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

    private volatile boolean isForeign;

    private final AtomicLong reconnectedNanos = new AtomicLong(System.nanoTime() - RECONNECT_NANOS);

    Connection(Endpoint endpoint, ManagedChannel channel) {
        this(endpoint, channel, null);
    }

    /** @param logins null for calls that show nobody's name */
    Connection(Endpoint endpoint, ManagedChannel channel, @Nullable CallCredentials logins) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.shownChannel = logins == null
                ? channel
                : ClientInterceptors.intercept(channel, new ClientInterceptor() {
                    @Override
                    public <Q, A> ClientCall<Q, A> interceptCall(
                            MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                        return next.newCall(method, options.withCallCredentials(logins));
                    }
                });
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** The channel, about to be used. */
    Channel channel() {
        reconnectIfDue();
        return shownChannel;
    }

    /** The channel for calls that show nobody's name, about to be used. */
    ManagedChannel openChannel() {
        reconnectIfDue();
        return channel;
    }

    private void reconnectIfDue() {
        if (hasFailed()) {
            long last = reconnectedNanos.get();
            long now = System.nanoTime();
            if (now - last >= RECONNECT_NANOS && reconnectedNanos.compareAndSet(last, now)) {
                channel.resetConnectBackoff();
            }
        }
    }

    void failed() {
        failedNanos.set(System.nanoTime() | 1);
    }

    void worked() {
        if (failedNanos.get() != 0) {
            failedNanos.set(0);
        }
    }

    private boolean hasFailed() {
        return failedNanos.get() != 0;
    }

    /** One attempt of a call, or a stream, which may be given up to be made elsewhere. */
    interface Attempt {
        /** Safe for all threads, and at any time, also while it begins. */
        void abandon();
    }

    MemberHealth health() {
        return health;
    }

    void begin(Attempt attempt) {
        attempts.add(attempt);
        health.started(System.nanoTime());
    }

    /** @param isAnswered whether the member has said anything */
    void end(Attempt attempt, boolean isAnswered) {
        attempts.remove(attempt);
        if (isAnswered) {
            health.answered(System.nanoTime());
        } else {
            health.ended();
        }
    }

    /** A stream begins, which may be silent for as long as it likes. */
    void join(Attempt stream) {
        attempts.add(stream);
    }

    void leave(Attempt stream) {
        attempts.remove(stream);
    }

    /** The member does not answer: whatever waits for it goes elsewhere. */
    void abandonAll() {
        attempts.forEach(Attempt::abandon);
    }

    /** It leads to another cluster, and is not to be used any more. */
    void expel() {
        isForeign = true;
    }

    boolean isForeign() {
        return isForeign;
    }

    /** Whether another connection should be preferred to this one. */
    boolean isShunned() {
        long failed = failedNanos.get();
        return health.isSick() || (failed != 0 && System.nanoTime() - failed < SHUN_NANOS);
    }

    /** Monotonic time of the failure; only meaningful while {@link #isShunned}. */
    long failedNanos() {
        return failedNanos.get();
    }

    void close() {
        channel.shutdownNow();
    }
}

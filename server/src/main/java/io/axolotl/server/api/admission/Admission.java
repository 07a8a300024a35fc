package io.axolotl.server.api.admission;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.google.protobuf.MessageLite;
import io.axolotl.server.api.EtcdError;
import io.axolotl.server.api.admission.Clients.Client;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The door of the edge. Judges each call twice: when its headers have come, by how long it has waited and would wait; when its
 * message has come, by its bytes. A call that is refused has cost neither log nor disk nor apply work, and mostly not even decoding.
 *
 * <p>A client is a connection. All connections from one address are of one host, which has a share of its own, larger than that of
 * a client: an address may be that of a proxy, or of many processes that know nothing of each other.
 *
 * <p>Safe for all threads.
 */
public final class Admission implements ServerInterceptor {
    /** Stands for the client of calls that come from no connection. */
    private static final Object NO_CONNECTION = "no connection";

    /** Who may have waited half of his time for being read is better told so: those who come next have more of theirs. */
    private static final int LARGEST_PART_WAITED = 2;

    private static final ServerCall.Listener<Object> DEAF = new ServerCall.Listener<>() {};

    private final AdmissionLimits limits;
    private final LongSupplier clock;
    private final LongSupplier arrival;
    private final Clients clients = new Clients();
    private final Clients hosts = new Clients();
    private final Bound bytes = new Bound();
    private final Pace writes;
    private final Pace reads;
    private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);

    /** Why a call is not let in. */
    enum Reason {
        /** Much of its time may have passed before it was read. */
        BACKLOG("backlog"),
        /** It would not be answered in time. */
        DEADLINE("deadline"),
        /** There is little room, and its client has much of it. */
        CLIENT_SHARE("client_share"),
        /** The requests in flight have as many bytes as they may. */
        MEMBER_BYTES("member_bytes"),
        /** As above, and its client has much of them. */
        CLIENT_BYTES("client_bytes");

        private final String label;

        Reason(String label) {
            this.label = label;
        }
    }

    /**
     * @param arrival how long the call that is being started on this thread may have waited before it was read, in nanoseconds
     */
    public Admission(AdmissionLimits limits, MetricRegistry registry, LongSupplier clock, LongSupplier arrival) {
        this.limits = limits;
        this.clock = clock;
        this.arrival = arrival;
        this.writes = new Pace(clock.getAsLong());
        this.reads = new Pace(clock.getAsLong());
        for (Reason reason : Reason.values()) {
            refused.put(reason, registry.counter("axolotl_requests_refused_total{reason=\"" + reason.label + "\"}"));
        }
        registry.register("axolotl_requests_inflight_bytes", (Gauge<Long>) bytes::taken);
        register(registry, Kind.WRITE, writes);
        register(registry, Kind.READ, reads);
    }

    private static void register(MetricRegistry registry, Kind kind, Pace pace) {
        String label = "{kind=\"" + kind.label() + "\"}";
        registry.register("axolotl_requests_inflight" + label, (Gauge<Integer>) pace::inFlight);
        registry.register("axolotl_requests_pace_per_second" + label, (Gauge<Double>) pace::perSecond);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Kind kind = Kind.of(call.getMethodDescriptor());
        if (kind == null) {
            return next.startCall(call, headers);
        }
        Object address = clientOf(call);
        Client client = clients.enter(address);
        Client host = hosts.enter(hostOf(address));
        Reason reason = kind.isPaced() ? objection(kind, client, host) : null;
        if (reason != null) {
            clients.leave(client);
            hosts.leave(host);
            refuse(call, reason);
            return deaf();
        }
        Admitted<Q, R> admitted = new Admitted<>(call, kind, client, host);
        boolean isStarted = false;
        try {
            ServerCall.Listener<Q> listener = admitted.listening(next.startCall(admitted, headers));
            isStarted = true;
            return listener;
        } finally {
            if (!isStarted) {
                admitted.end(false);
            }
        }
    }

    /**
     * Whether a call, the first frame of which this thread is reading, is to be turned away for that it may have waited in its socket
     * for too long. Says of it what judging it later would say, at a fraction of the price; and counts it as refused.
     *
     * @param path a slash and the full name of its method
     * @param timeoutNanos what its caller gives it, {@link Long#MAX_VALUE} without a deadline
     */
    public boolean turnsAway(CharSequence path, long timeoutNanos) {
        long waitedNanos = arrival.getAsLong();
        if (!isTooLate(waitedNanos, Math.min(limits.patience().toNanos(), timeoutNanos)) || !Kind.isPacedAt(path)) {
            return false;
        }
        count(Reason.BACKLOG);
        return true;
    }

    /** What those are told who are not let in. */
    public static Status refusal() {
        return EtcdError.TOO_MANY_REQUESTS.status();
    }

    private static boolean isTooLate(long waitedNanos, long patienceNanos) {
        return waitedNanos > patienceNanos / LARGEST_PART_WAITED;
    }

    private static Object clientOf(ServerCall<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return address == null ? NO_CONNECTION : address;
    }

    private static Object hostOf(Object client) {
        return client instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress()
                : client;
    }

    private Pace pace(Kind kind) {
        return kind == Kind.WRITE ? writes : reads;
    }

    /** Why a call that would begin now should not, or null. */
    private @Nullable Reason objection(Kind kind, Client client, Client host) {
        long patienceNanos = remainingNanos();
        long waitedNanos = arrival.getAsLong();
        if (isTooLate(waitedNanos, patienceNanos)) {
            return Reason.BACKLOG;
        }
        Pace pace = pace(kind);
        int allowed = pace.allowed(clock.getAsLong(), patienceNanos - waitedNanos);
        int free = allowed - pace.inFlight();
        if (free <= 0) {
            return Reason.DEADLINE;
        }
        boolean isBeyondShare = client.places(kind).get() > (long) Bound.SHARE * free
                || host.places(kind).get() > (long) Bound.HOST_SHARE * free;
        return isBeyondShare ? Reason.CLIENT_SHARE : null;
    }

    /** What it said when it was sent; no more than what a call without a deadline is taken to have. */
    private long remainingNanos() {
        long patience = limits.patience().toNanos();
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? patience : Math.min(patience, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }

    private void refuse(ServerCall<?, ?> call, Reason reason) {
        count(reason);
        call.close(refusal(), new Metadata());
    }

    private void count(Reason reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.inc();
        }
    }

    @SuppressWarnings("unchecked") // it takes nothing in
    private static <Q> ServerCall.Listener<Q> deaf() {
        return (ServerCall.Listener<Q>) DEAF;
    }

    /** A call that has been let in, until it is closed or its client has gone, whichever comes first. */
    private final class Admitted<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final Kind kind;
        private final Client client;
        private final Client host;
        private final AtomicBoolean isEnded = new AtomicBoolean();

        /** Guarded by this; negative once nothing may be taken any more. */
        private long takenBytes;

        Admitted(ServerCall<Q, R> call, Kind kind, Client client, Client host) {
            super(call);
            this.kind = kind;
            this.client = client;
            this.host = host;
            if (kind.isPaced()) {
                pace(kind).begun();
                client.places(kind).incrementAndGet();
                host.places(kind).incrementAndGet();
            }
        }

        /** Why its message is too much, or null: then its bytes are counted. */
        synchronized @Nullable Reason take(long messageBytes) {
            if (takenBytes < 0) {
                return null;
            }
            long amount = AdmissionLimits.CALL_BYTES + messageBytes;
            long limit = kind == Kind.ESSENTIAL ? limits.maxBytes() : limits.ordinaryBytes();
            Bound.Outcome outcome = bytes.take(client.heldBytes, host.heldBytes, amount, limit);
            if (outcome == Bound.Outcome.TAKEN) {
                takenBytes += amount;
                return null;
            }
            return outcome == Bound.Outcome.USED_UP ? Reason.MEMBER_BYTES : Reason.CLIENT_BYTES;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(status.isOk());
            super.close(status, trailers);
        }

        void end(boolean wasServed) {
            if (!isEnded.compareAndSet(false, true)) {
                return;
            }
            synchronized (this) {
                bytes.giveBack(client.heldBytes, host.heldBytes, takenBytes);
                takenBytes = -1;
            }
            if (kind.isPaced()) {
                client.places(kind).decrementAndGet();
                host.places(kind).decrementAndGet();
                pace(kind).ended(clock.getAsLong(), wasServed);
            }
            clients.leave(client);
            hosts.leave(host);
        }

        ServerCall.Listener<Q> listening(ServerCall.Listener<Q> to) {
            return new SimpleForwardingServerCallListener<>(to) {
                private boolean isRefused;

                @Override
                public void onMessage(Q message) {
                    if (isRefused) {
                        // A unary call has one message; whoever sends more is told nothing more.
                        return;
                    }
                    Reason reason = message instanceof MessageLite of ? take(of.getSerializedSize()) : null;
                    if (reason == null) {
                        super.onMessage(message);
                    } else {
                        isRefused = true;
                        refuse(Admitted.this, reason);
                    }
                }

                @Override
                public void onHalfClose() {
                    if (!isRefused) {
                        super.onHalfClose();
                    }
                }

                @Override
                public void onCancel() {
                    end(false);
                    super.onCancel();
                }

                /** What closed the call without our knowing, as grpc does when a service throws, ends its stay too. */
                @Override
                public void onComplete() {
                    end(false);
                    super.onComplete();
                }
            };
        }
    }
}

package io.axolotl.client;

import io.axolotl.client.proto.CampaignRequest;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.LeaderRequest;
import io.axolotl.client.proto.LeaderResponse;
import io.axolotl.client.proto.LockRequest;
import io.grpc.CallOptions;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Locks and elections, as the servers offer them (contract B.13). {@link #hold} and {@link #lead} do the whole of it. {@link #lock} and
 * {@link #campaign} are the servers' own calls, on a lease that the caller keeps ({@link Leases#keep}); to let go is to delete
 * the key, or to revoke the lease. A lease proves little by itself: have what the lock protects compare the key's create
 * revision.
 *
 * <p>Safe for all threads.
 */
public final class Coordination {
    private final CallRunner runner;
    private final Connections connections;
    private final Leases leases;
    private final Kv kv;

    Coordination(CallRunner runner, Connections connections, Leases leases, Kv kv) {
        this.runner = runner;
        this.connections = connections;
        this.leases = leases;
        this.kv = kv;
    }

    /**
     * Acquires a lock on a lease of its own, which is kept until the hold is closed. The time-out of requests counts as in {@link
     * #lock}. To cancel it gives the place in the row up.
     *
     * @param ttlSeconds how long others wait when this process is gone
     * @param listener hears early when the lease is in danger, and when the lock may be lost
     */
    public Pending<Hold> hold(Bytes name, long ttlSeconds, KeptLease.Listener listener) {
        return onALease(
                "hold",
                ttlSeconds,
                listener,
                lease -> lock(name, lease.id()),
                (lease, locked) -> kv.get(locked.key()).thenApply(found -> {
                    if (found.kvs().isEmpty()) {
                        throw new CompletionException(new RefusedException(
                                ErrorCode.FAILED_PRECONDITION, "the lock was lost as soon as it was acquired"));
                    }
                    return new Hold(locked.key(), found.kvs().get(0).createRevision(), lease);
                }));
    }

    /** Takes part in an election on a lease of its own, and ends when elected; else as {@link #hold}. */
    public Pending<Hold> lead(Bytes name, long ttlSeconds, Bytes value, KeptLease.Listener listener) {
        return onALease(
                "lead",
                ttlSeconds,
                listener,
                lease -> campaign(name, lease.id(), value),
                (lease, elected) ->
                        CompletableFuture.completedFuture(new Hold(elected.key(), elected.createRevision(), lease)));
    }

    /** Whatever does not end well, or is not wanted any more, gives its lease back, and all that hangs on it. */
    private <T> Pending<Hold> onALease(
            String call,
            long ttlSeconds,
            KeptLease.Listener listener,
            Function<KeptLease, Pending<T>> acquire,
            BiFunction<KeptLease, T, CompletableFuture<Hold>> held) {
        Pending<Hold> pending = runner.pending(call, Effect.WRITE);
        var unused = leases.keep(ttlSeconds, listener).whenComplete((lease, noLease) -> {
            if (lease == null) {
                pending.completeExceptionally(noLease);
                return;
            }
            Pending<T> acquiring = acquire.apply(lease);
            var unusedEnd = pending.whenComplete((hold, failure) -> {
                if (hold == null) {
                    acquiring.cancel(true);
                    lease.close();
                }
            });
            var unusedHold = acquiring
                    .thenCompose(acquired -> held.apply(lease, acquired))
                    .whenComplete((hold, failure) -> {
                        if (hold == null) {
                            pending.completeExceptionally(
                                    failure instanceof CompletionException wrapped && wrapped.getCause() != null
                                            ? wrapped.getCause()
                                            : failure);
                        } else if (lease.state() == KeptLease.State.LOST) {
                            pending.completeExceptionally(new RefusedException(
                                    ErrorCode.FAILED_PRECONDITION,
                                    "the lease was lost before " + call + " had succeeded; try again"));
                        } else {
                            pending.complete(hold);
                        }
                    });
        });
        return pending;
    }

    /**
     * Ends when the lock is held. The time-out of requests counts here too: a client that is to wait long needs a long one. To
     * cancel it, or to close the client, gives the place in the row up.
     */
    public Pending<LockResult> lock(Bytes name, long lease) {
        return runner.run(
                Calls.LOCK,
                LockRequest.newBuilder().setName(name.unwrap()).setLease(lease).build());
    }

    /** Ends when elected, as {@link #lock}. Who is elected already proclaims the value. */
    public Pending<ElectedResult> campaign(Bytes name, long lease, Bytes value) {
        return runner.run(
                Calls.CAMPAIGN,
                CampaignRequest.newBuilder()
                        .setName(name.unwrap())
                        .setLease(lease)
                        .setValue(value.unwrap())
                        .build());
    }

    /**
     * Tells of who leads and of every change, on the calling thread, until the connection ends.
     *
     * @throws AxolotlException when it does
     */
    public void observe(Bytes name, Consumer<ElectionLeader> listener) {
        Connection connection = connections.next(Set.of());
        try {
            Iterator<LeaderResponse> leaders = ClientCalls.blockingServerStreamingCall(
                    connection.channel(),
                    ElectionGrpc.getObserveMethod(),
                    CallOptions.DEFAULT,
                    LeaderRequest.newBuilder().setName(name.unwrap()).build());
            while (leaders.hasNext()) {
                LeaderResponse next = leaders.next();
                listener.accept(new ElectionLeader(Wire.header(next.getHeader()), Wire.keyValue(next.getKv())));
            }
        } catch (StatusRuntimeException e) {
            if (connections.isClosed()) {
                throw new ClientClosedException("observe");
            }
            throw RefusedException.of(
                    ErrorCode.of(e.getStatus()), String.valueOf(e.getStatus().getDescription()));
        }
        throw new RefusedException(ErrorCode.UNAVAILABLE, "the server has ended the observation");
    }
}

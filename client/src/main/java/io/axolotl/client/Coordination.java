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
import java.util.function.Consumer;

/**
 * Locks and elections, as the servers offer them (contract B.13). Both hang on a lease, which the caller keeps alive ({@link
 * Leases#keepAliveOnce}); to let go is to delete the key, or to revoke the lease. A lease proves little by itself: have what
 * the lock protects compare the key's create revision.
 *
 * <p>Safe for all threads.
 */
public final class Coordination {
    private final CallRunner runner;
    private final Connections connections;

    Coordination(CallRunner runner, Connections connections) {
        this.runner = runner;
        this.connections = connections;
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
            throw new RefusedException(
                    ErrorCode.of(e.getStatus()), String.valueOf(e.getStatus().getDescription()));
        }
        throw new RefusedException(ErrorCode.UNAVAILABLE, "the server has ended the observation");
    }
}

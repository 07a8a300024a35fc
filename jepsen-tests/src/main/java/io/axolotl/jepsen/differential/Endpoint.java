package io.axolotl.jepsen.differential;

import io.axolotl.client.proto.ClusterGrpc;
import io.axolotl.client.proto.ElectionGrpc;
import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.LeaseGrpc;
import io.axolotl.client.proto.LockGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * The client port of one server, spoken to in generated messages: nothing is repeated, put right or interpreted on the way. Safe
 * for all threads.
 */
public final class Endpoint implements AutoCloseable {
    /** Far above what a call needs: it ends what hangs. */
    private static final long CALL_SECONDS = 30;

    private final ManagedChannel channel;

    /** @param clientUrl such as {@code http://127.0.0.1:2379} */
    public Endpoint(String clientUrl) {
        URI url = URI.create(clientUrl);
        this.channel = NettyChannelBuilder.forAddress(url.getHost(), url.getPort())
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    /** For streams and raw calls. */
    public ManagedChannel channel() {
        return channel;
    }

    public KVGrpc.KVBlockingStub kv() {
        return bounded(KVGrpc.newBlockingStub(channel));
    }

    public LeaseGrpc.LeaseBlockingStub lease() {
        return bounded(LeaseGrpc.newBlockingStub(channel));
    }

    public ClusterGrpc.ClusterBlockingStub cluster() {
        return bounded(ClusterGrpc.newBlockingStub(channel));
    }

    public MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
        return bounded(MaintenanceGrpc.newBlockingStub(channel));
    }

    public LockGrpc.LockBlockingStub lock() {
        return bounded(LockGrpc.newBlockingStub(channel));
    }

    public ElectionGrpc.ElectionBlockingStub election() {
        return bounded(ElectionGrpc.newBlockingStub(channel));
    }

    private static <S extends AbstractStub<S>> S bounded(S stub) {
        return stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

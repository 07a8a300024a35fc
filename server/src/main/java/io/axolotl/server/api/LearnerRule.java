package io.axolotl.server.api;

import io.axolotl.client.proto.KVGrpc;
import io.axolotl.client.proto.MaintenanceGrpc;
import io.axolotl.client.proto.RangeRequest;
import io.axolotl.server.driver.NodeService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Set;

/**
 * What a learner serves (MT-8): its status, serializable ranges and snapshots. Everything else is refused, so that clients go to a member
 * that votes.
 *
 * <p>Safe for all threads.
 */
final class LearnerRule implements ServerInterceptor {
    private static final Set<String> SERVED = Set.of(
            MaintenanceGrpc.getStatusMethod().getFullMethodName(),
            MaintenanceGrpc.getSnapshotMethod().getFullMethodName());
    private static final String RANGE = KVGrpc.getRangeMethod().getFullMethodName();

    private final NodeService node;

    LearnerRule(NodeService node) {
        this.node = node;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        if (SERVED.contains(method) || !node.store().membership().isLearner(node.self())) {
            return next.startCall(call, headers);
        }
        if (!method.equals(RANGE)) {
            call.close(EtcdError.NOT_FOR_LEARNER.status(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new SerializableOnly<>(call, next.startCall(call, headers));
    }

    /** Lets the call go on once its request has been seen to be serializable. */
    private static final class SerializableOnly<Q, R> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, R> call;
        private boolean isRefused;

        SerializableOnly(ServerCall<Q, R> call, ServerCall.Listener<Q> next) {
            super(next);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (message instanceof RangeRequest range && !range.getSerializable()) {
                isRefused = true;
                call.close(EtcdError.NOT_FOR_LEARNER.status(), new Metadata());
            } else {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!isRefused) {
                super.onHalfClose();
            }
        }
    }
}

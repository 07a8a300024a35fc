package io.axolotl.server.api;

import io.axolotl.server.driver.NodeService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Metadata {@code hasleader: true} asks that a call fails at once when this member knows no leader (contract C.2), so that
 * a client can try another member instead of waiting for an election.
 *
 * <p>Safe for all threads.
 */
final class LeaderRequirement implements ServerInterceptor {
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Boolean> IS_ASKED = Context.key("hasleader");

    private final NodeService node;

    LeaderRequirement(NodeService node) {
        this.node = node;
    }

    /** Whether the call that is being handled on this thread asks for a leader; a stream should then end without one. */
    static boolean isAsked() {
        return Boolean.TRUE.equals(IS_ASKED.get());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!"true".equals(headers.get(HAS_LEADER))) {
            return next.startCall(call, headers);
        }
        if (node.view().leader() == null) {
            call.close(EtcdError.NO_LEADER.status(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        boolean isUnary = call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY;
        return isUnary
                ? next.startCall(call, headers)
                : Contexts.interceptCall(Context.current().withValue(IS_ASKED, true), call, headers, next);
    }
}

package io.axolotl.server.api;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Metadata {@code axolotl-standby: true} on MemberAdd says that a learner may be promoted when a voter dies. etcd's messages
 * have no place for it, and clients that do not know of it are not bothered.
 *
 * <p>Safe for all threads.
 */
final class StandbyMark implements ServerInterceptor {
    private static final Metadata.Key<String> STANDBY =
            Metadata.Key.of("axolotl-standby", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Boolean> IS_SET = Context.key("axolotl-standby");

    /** Whether the call that is being handled on this thread carries the mark. */
    static boolean isSet() {
        return Boolean.TRUE.equals(IS_SET.get());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (!"true".equals(headers.get(STANDBY))) {
            return next.startCall(call, headers);
        }
        return Contexts.interceptCall(Context.current().withValue(IS_SET, true), call, headers, next);
    }
}

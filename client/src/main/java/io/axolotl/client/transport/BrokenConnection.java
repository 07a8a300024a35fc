package io.axolotl.client.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;

/**
 * Calls whose connection breaks under them end as {@link Status#UNAVAILABLE}, whoever notices first. grpc-java says so of most, but
 * UNKNOWN ("channel closed") of one that wants to write to a connection that is closed already, as a server would that does not know
 * what happened. A status that comes from a server has no cause.
 *
 * <p>Stateless.
 */
final class BrokenConnection implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(
                        new SimpleForwardingClientCallListener<>(listener) {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                super.onClose(of(status), trailers);
                            }
                        },
                        headers);
            }
        };
    }

    private static Status of(Status status) {
        Throwable cause = status.getCause();
        return status.getCode() == Status.Code.UNKNOWN && cause instanceof IOException
                ? Status.UNAVAILABLE.withDescription(status.getDescription()).withCause(cause)
                : status;
    }
}

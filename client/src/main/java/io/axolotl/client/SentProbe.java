package io.axolotl.client;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Sees whether a call got a stream on an established connection. Before that nothing of it can have left, however the call
 * fails; from then on it may have. Safe for all threads.
 *
 * <p>Cautious on purpose: a stream that was opened on a connection that was about to die counts as sent. The tracer's {@code
 * outboundHeaders}, which promises to tell when headers reached the socket, would be sharper, but grpc-netty does not call it
 * for a stream that was cancelled while its frames waited in a full socket buffer, and those frames still leave: a write that
 * ran into its deadline there would be called "not sent", and then applied.
 */
final class SentProbe extends ClientStreamTracer.Factory {
    private volatile boolean sent;

    boolean sent() {
        return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transportAttributes, Metadata sentHeaders) {
                sent = true;
            }
        };
    }
}

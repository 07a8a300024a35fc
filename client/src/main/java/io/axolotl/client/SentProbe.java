package io.axolotl.client;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Sees whether a call got a stream on an established connection. Before that nothing of it can have left, however the call
 * fails; from then on it may have. Cautious on purpose: a stream that was opened but died before its first byte counts as
 * sent. Safe for all threads.
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

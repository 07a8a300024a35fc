package io.axolotl.jepsen.differential;

import com.google.protobuf.Message;
import java.util.concurrent.CompletableFuture;

/** A server as an episode sees it. Confined to one thread. */
interface Side {
    /** For reports. */
    String name();

    /**
     * Starts an episode: no keys, no leases, no history, and revision {@link Revisions#START}.
     *
     * @throws io.grpc.StatusRuntimeException if the server does not take part
     */
    void begin();

    /** Sends a call; the next one may be sent when this one is answered. Every ending of a call is an answer. */
    <Q extends Message, A extends Message> CompletableFuture<Answer> call(Call<Q, A> call);
}

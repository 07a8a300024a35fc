package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Lane;
import org.jspecify.annotations.Nullable;

/** The greeting of two members without a network between them. Stateless. */
public final class SteppedHandshake {
    private SteppedHandshake() {}

    /**
     * What {@code here} answers to the greeting of {@code greeter}, after writing down who greeted.
     *
     * @param to whom the greeter believes to greet
     * @return why their stream must not go on; null if all is well
     */
    public static @Nullable String refusal(Handshake greeter, NodeId to, Handshake here) {
        return here.refusal(greeter.greeting(to, Lane.values()[0]));
    }

    /** Whether {@code here} would tell the greeter that it was removed. */
    public static boolean isOfRemoved(Handshake greeter, NodeId to, Handshake here) {
        return here.isOfRemoved(greeter.greeting(to, Lane.values()[0]));
    }
}

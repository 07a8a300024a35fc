package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.storage.identity.KnownStores;
import io.axolotl.storage.statemachine.Roster;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The greeting of two members without a network between them. Stateless. */
public final class SteppedHandshake {
    private SteppedHandshake() {}

    /**
     * As {@link Handshake#Handshake(Handshake.Self, Supplier, KnownStores, Habits)}.
     *
     * @param clock monotonic; from anywhere
     */
    public static Handshake of(
            Handshake.Self self, Supplier<Roster> roster, KnownStores knownStores, Habits habits, LongSupplier clock) {
        return new Handshake(self, roster, knownStores, habits, clock);
    }

    /** Whether one that was refused like this may be let in a while later. */
    public static boolean isForNow(String refusal) {
        return refusal.endsWith(Handshake.HAS_TO_WAIT);
    }

    /**
     * What {@code here} answers to the greeting of {@code greeter}, after writing down who greeted.
     *
     * @param to whom the greeter believes to greet
     * @return why their stream must not go on; null if all is well
     */
    public static @Nullable String refusal(Handshake greeter, NodeId to, Handshake here) {
        return here.refusal(greeter.greeting(to, Lane.CONTROL));
    }

    /** Whether {@code here} would tell the greeter that it was removed. */
    public static boolean isOfRemoved(Handshake greeter, NodeId to, Handshake here) {
        return here.isOfRemoved(greeter.greeting(to, Lane.CONTROL));
    }
}

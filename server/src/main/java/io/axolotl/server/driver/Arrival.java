package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;

/**
 * What waits in front of the driver: inputs of the core as they are, and what the driver has to turn into one first.
 *
 * <p>Immutable, but for {@link Proposal}, whose progress is confined to the driver thread.
 */
sealed interface Arrival
        permits Proposal,
                Arrival.OfCore,
                Arrival.Synced,
                Arrival.Forwarded,
                Arrival.ForwardTurnedAway,
                Arrival.ForwardAnswered,
                Arrival.Move {
    /** Straight to the core. */
    record OfCore(Input input) implements Arrival {}

    /** The log writer's disk was busy from then to then, by the driver's clock. */
    record Synced(long fromNanos, long toNanos) implements Arrival {}

    /** A member asks this node, as leader, to append its proposals. */
    record Forwarded(NodeId from, Forward forward) implements Arrival {}

    /** A member asked while the driver's queue was full: all that is left to do is to tell it so. */
    record ForwardTurnedAway(NodeId from, ForwardRefused refusal) implements Arrival {}

    /** A member did not append what was forwarded to it. */
    record ForwardAnswered(NodeId from, ForwardRefused refused) implements Arrival {}

    /** Leadership is to move (MT-6). */
    record Move(NodeId target, NodeService.MoveLeaderCallback callback) implements Arrival {}
}

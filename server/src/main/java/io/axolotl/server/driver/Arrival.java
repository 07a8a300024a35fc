package io.axolotl.server.driver;

import io.axolotl.raft.Input;
import io.axolotl.raft.log.SnapshotMetadata;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;

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
                Arrival.SnapshotWanted,
                Arrival.OfHistory,
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

    /** A peer needs a snapshot, and there is none that it could be given. */
    record SnapshotWanted() implements Arrival {}

    /** What concerns not the core but what was applied; goes on to the applier. */
    sealed interface OfHistory extends Arrival {}

    /** A member tells what its rolling digest was. */
    record Reported(NodeId from, HistoryReport report) implements OfHistory {}

    /** The files of a snapshot have arrived that was asked for to repair this member's state. */
    record RepairReceived(NodeId from, SnapshotMetadata snapshot) implements OfHistory {}

    /** Leadership is to move (MT-6). */
    record Move(NodeId target, NodeService.MoveLeaderCallback callback) implements Arrival {}
}

package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;

/**
 * Takes what arrives from other members. Implemented by the driver's queue.
 *
 * <p>Called from network threads; must not block and must not throw. May drop messages when it is full.
 */
public interface PeerInbox {
    /** @param bytes what the message is charged against bounds */
    void receive(NodeId from, Message message, long bytes);

    void forwarded(NodeId from, Forward forward);

    void forwardRefused(NodeId from, ForwardRefused refused);

    /** What a member's history is, or a question for ours. May be dropped: whoever needs an answer asks again. */
    void reported(NodeId from, HistoryReport report);

    /** The connection to {@code peer} broke, or a message to it was dropped: what was in flight may be lost. */
    void unreachable(NodeId peer);

    /** A peer needs a snapshot, and there is none here that it could be given: one is to be made. */
    void snapshotWanted();

    /**
     * This node listens. Said once.
     *
     * @param withinNanos in which every peer that runs, and is not cut off, will have connected and spoken
     */
    void reachable(long withinNanos);

    /**
     * No process listens at the address of {@code peer}, and it has no connection here either: it has almost certainly ended.
     * Said again with every attempt to reach it.
     */
    void gone(NodeId peer);

    /** A snapshot transfer to {@code peer} ended without success, or a newer one was offered meanwhile. */
    void snapshotFailed(NodeId peer);
}

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

    /** The connection to {@code peer} broke, or a message to it was dropped: what was in flight may be lost. */
    void unreachable(NodeId peer);

    /**
     * No process listens at the address of {@code peer}, and it has no connection here either: it has almost certainly ended.
     * Said again with every attempt to reach it.
     */
    void gone(NodeId peer);

    /** A snapshot transfer to {@code peer} ended without success, or a newer one was offered meanwhile. */
    void snapshotFailed(NodeId peer);
}

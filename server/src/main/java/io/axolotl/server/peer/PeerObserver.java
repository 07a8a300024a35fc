package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;

/**
 * What the network side can tell of itself: the source of metrics, and of what a later fault detector looks at.
 *
 * <p>Called from network threads; must not block and must not throw.
 */
public interface PeerObserver {
    /** Time from a ping on the control connection to its echo. */
    void roundTrip(NodeId to, long nanos);

    void sent(NodeId to, long bytes);

    void received(NodeId from, long bytes);

    /** A message was dropped since the bound of the queue was reached or nobody was connected. */
    void dropped(NodeId to);

    void connected(NodeId to);

    void disconnected(NodeId to);

    /** A greeting was refused, here or by the other side. */
    void refused(String reason);

    /** Bytes arrived that are not what was sent. */
    void damaged(NodeId from);

    void snapshotSendStarted(NodeId to);

    void snapshotSendEnded(NodeId to, boolean isDone, long bytes, long nanos);

    void snapshotReceiveStarted(NodeId from);

    void snapshotReceiveEnded(NodeId from, boolean isDone, long bytes, long nanos);

    /** The peer was let go of, and nothing more is to be told of it unless it comes back (pitfall 64). */
    default void forgotten(NodeId peer) {}
}

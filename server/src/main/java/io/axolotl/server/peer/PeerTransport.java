package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;

/**
 * Sends to the other members. Never blocks, never throws, and may lose, repeat or reorder: what Raft expects of a
 * network.
 *
 * <p>Safe for all threads.
 */
public interface PeerTransport {
    /** What {@link #connectedSinceNanos} says of a peer that is not connected. */
    long NOT_CONNECTED = Long.MAX_VALUE;

    /** Sends a message; {@link Message.InstallSnapshot} goes by {@link #sendSnapshot} instead. */
    void send(Envelope envelope);

    /**
     * Hands proposals to {@code to}, believed to lead {@code forward.term()}.
     *
     * @return false if nothing was sent, so that it is certain that nothing was appended. After true, silence means that
     *     nobody knows; certainty comes as {@link PeerInbox#forwardRefused} or by what is committed
     */
    boolean forward(NodeId to, Forward forward);

    /** Tells a member that these proposals of its were not appended. */
    void refuse(NodeId to, ForwardRefused refused);

    /**
     * Sends the files of a snapshot at least as new as {@code message.snapshot()}; the receiver's core gets the message
     * when all have arrived. Ends in {@link PeerInbox#snapshotFailed} if that does not come about. While a transfer to a
     * peer is under way further ones to it are ignored.
     */
    void sendSnapshot(NodeId to, Message.InstallSnapshot message);

    /** Since when the peer can be reached, as {@code System.nanoTime}, or {@link #NOT_CONNECTED}. */
    long connectedSinceNanos(NodeId peer);
}

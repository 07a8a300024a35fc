package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends to the other members. Never blocks, never throws, and may lose, repeat or reorder messages: what Raft expects of a
 * network. Forwards are not Raft's: they may be lost and reordered, but never repeated.
 *
 * <p>Safe for all threads.
 */
public interface PeerTransport {
    /** What {@link #connectedSinceNanos} says of a peer that is not connected. */
    long NOT_CONNECTED = Long.MAX_VALUE;

    /**
     * Sends a message. For {@link Message.InstallSnapshot} sends the files of the newest snapshot, at least as new as the one
     * that is named; the receiver's core gets the message when all have arrived. That ends in {@link
     * PeerInbox#snapshotFailed} if it does not come about; while one is under way to a peer, further ones are ignored, but
     * one that names something newer than what is being sent ends in {@link PeerInbox#snapshotFailed} too.
     */
    void send(Envelope envelope);

    /**
     * Hands proposals to {@code to}, believed to lead {@code forward.term()}. They arrive once or not at all: a leader
     * appends what arrives in its term without asking whether it has done so before, so an implementation that repeated a
     * forward would have a command applied twice. Nobody sends it again within the term unless it is certain that nothing
     * was appended.
     *
     * @return false if nothing was sent, so that it is certain that nothing was appended. After true, silence means that
     *     nobody knows; certainty comes as {@link PeerInbox#forwardRefused} or by what is committed
     */
    boolean forward(NodeId to, Forward forward);

    /** Tells a member that these proposals of its were not appended. */
    void refuse(NodeId to, ForwardRefused refused);

    /**
     * Asks {@code leader} whether a learner may be promoted. Exactly one call of {@code answer}, on a network thread.
     *
     * @param answer given null if there is no answer
     */
    void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer);

    /**
     * Asks {@code leader} about a lease. Exactly one call of {@code answer}, on a network thread or on the caller's.
     *
     * @param answer given null if there is no answer
     */
    void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer);

    /** Tells a member what this one's history is, and may ask for its. */
    void report(NodeId to, HistoryReport report);

    /**
     * Whether snapshots are kept here from now on: those under way are broken off, and each, like one that is to be sent
     * meanwhile, ends in {@link PeerInbox#snapshotFailed}.
     */
    void withholdSnapshots(boolean itDoes);

    /** Since when the peer can be reached, as {@code System.nanoTime}, or {@link #NOT_CONNECTED}. */
    long connectedSinceNanos(NodeId peer);
}

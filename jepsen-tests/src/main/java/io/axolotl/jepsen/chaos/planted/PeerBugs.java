package io.axolotl.jepsen.chaos.planted;

import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.peer.PeerTransport;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Ways to the peers that are wrong about them. Each is safe for all threads. */
final class PeerBugs {
    /** What an answer of a few numbers is charged. */
    private static final long ANSWER_BYTES = 64;

    /** For so long a connection that has broken is taken for one that has not. */
    private static final long TRUST_NANOS = TimeUnit.SECONDS.toNanos(2);

    private PeerBugs() {}

    /**
     * Entries that were sent count as acknowledged, as long as the peer can be reached and a little longer: not for ever, so that a member
     * that was away is sent what it lacks.
     */
    static final class AcknowledgesWhatIsSent extends PeersInFront {
        private final PeerInbox inbox;
        private final LongSupplier clock;
        private final Map<NodeId, Long> reachedNanos = new ConcurrentHashMap<>();

        /** @param clock monotonic, in nanoseconds */
        AcknowledgesWhatIsSent(PeerTransport peers, PeerInbox inbox, LongSupplier clock) {
            super(peers);
            this.inbox = inbox;
            this.clock = clock;
        }

        @Override
        public void send(Envelope envelope) {
            peers.send(envelope);
            if (envelope.message() instanceof Message.AppendEntries append && isTrusted(envelope.to())) {
                long last = append.previous().index() + append.entries().size();
                inbox.receive(
                        envelope.to(),
                        new Message.AppendEntriesResponse(append.term(), true, last, EntryId.ZERO, 0, append.epoch()),
                        ANSWER_BYTES);
            }
        }

        private boolean isTrusted(NodeId peer) {
            long now = clock.getAsLong();
            if (peers.connectedSinceNanos(peer) != NOT_CONNECTED) {
                reachedNanos.put(peer, now);
            }
            Long reached = reachedNanos.get(peer);
            return reached != null && now - reached < TRUST_NANOS;
        }
    }

    /** A heartbeat that was sent counts as answered: a leader is sure of its office, and reads on its word. */
    static final class AnswersOwnHeartbeats extends PeersInFront {
        private final PeerInbox inbox;

        AnswersOwnHeartbeats(PeerTransport peers, PeerInbox inbox) {
            super(peers);
            this.inbox = inbox;
        }

        @Override
        public void send(Envelope envelope) {
            peers.send(envelope);
            if (envelope.message() instanceof Message.Heartbeat beat) {
                inbox.receive(
                        envelope.to(),
                        new Message.HeartbeatResponse(beat.term(), beat.readRound(), beat.commitIndex()),
                        ANSWER_BYTES);
            }
        }
    }

    /** What is handed to the leader is handed to it twice. */
    static final class ForwardsTwice extends PeersInFront {
        ForwardsTwice(PeerTransport peers) {
            super(peers);
        }

        @Override
        public boolean forward(NodeId to, Forward forward) {
            boolean isFirstSent = peers.forward(to, forward);
            boolean isSecondSent = peers.forward(to, forward);
            return isFirstSent || isSecondSent;
        }
    }
}

package io.axolotl.jepsen.chaos.planted;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.peer.PeerTransport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A way to the peers that leads through another one. Safe for all threads. */
abstract class PeersInFront implements PeerTransport {
    final PeerTransport peers;

    PeersInFront(PeerTransport peers) {
        this.peers = peers;
    }

    @Override
    public void send(Envelope envelope) {
        peers.send(envelope);
    }

    @Override
    public boolean forward(NodeId to, Forward forward) {
        return peers.forward(to, forward);
    }

    @Override
    public void refuse(NodeId to, ForwardRefused refused) {
        peers.refuse(to, refused);
    }

    @Override
    public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {
        peers.askReadiness(leader, learner, answer);
    }

    @Override
    public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {
        peers.askLease(leader, question, answer);
    }

    @Override
    public void report(NodeId to, HistoryReport report) {
        peers.report(to, report);
    }

    @Override
    public void withholdSnapshots(boolean itDoes) {
        peers.withholdSnapshots(itDoes);
    }

    @Override
    public long connectedSinceNanos(NodeId peer) {
        return peers.connectedSinceNanos(peer);
    }
}

package io.axolotl.server.driver;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.peer.PeerTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps what it is given, and connects to whom it is told. */
final class FakeTransport implements PeerTransport {
    final List<Envelope> sent = new ArrayList<>();
    final List<Forward> forwards = new ArrayList<>();
    final List<ForwardRefused> refusals = new ArrayList<>();
    final List<HistoryReport> reports = new ArrayList<>();
    final Map<NodeId, Long> connectedSince = new TreeMap<>();
    Runnable onSend = () -> {};

    @Override
    public synchronized void send(Envelope envelope) {
        onSend.run();
        sent.add(envelope);
    }

    @Override
    public synchronized boolean forward(NodeId to, Forward forward) {
        if (!connectedSince.containsKey(to)) {
            return false;
        }
        forwards.add(forward);
        return true;
    }

    @Override
    public synchronized void refuse(NodeId to, ForwardRefused refused) {
        refusals.add(refused);
    }

    @Override
    public synchronized void report(NodeId to, HistoryReport report) {
        reports.add(report);
    }

    @Override
    public void withholdSnapshots(boolean itDoes) {}

    @Override
    public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {
        answer.accept(null);
    }

    @Override
    public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {
        answer.accept(null);
    }

    @Override
    public synchronized long connectedSinceNanos(NodeId peer) {
        return connectedSince.getOrDefault(peer, NOT_CONNECTED);
    }
}

package io.axolotl.jepsen.chaos.planted;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.Forward;
import io.axolotl.server.peer.ForwardRefused;
import io.axolotl.server.peer.HistoryReport;
import io.axolotl.server.peer.PeerInbox;
import io.axolotl.server.peer.PeerQuestions;
import io.axolotl.server.peer.PeerTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is sent goes out as it is; what is planted is what the sender hears of it. */
class PeerBugsTest {
    private static final NodeId PEER = new NodeId(2);

    private final Recorded recorded = new Recorded();

    /** Both ends of a way that leads nowhere. */
    private static final class Recorded implements PeerTransport, PeerInbox {
        final List<Object> sent = new ArrayList<>();
        final List<Message> received = new ArrayList<>();
        boolean isConnected = true;

        @Override
        public void send(Envelope envelope) {
            sent.add(envelope.message());
        }

        @Override
        public boolean forward(NodeId to, Forward forward) {
            sent.add(forward);
            return true;
        }

        @Override
        public void receive(NodeId from, Message message, long bytes) {
            assertThat(from).isEqualTo(PEER);
            received.add(message);
        }

        @Override
        public void refuse(NodeId to, ForwardRefused refused) {}

        @Override
        public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {}

        @Override
        public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {}

        @Override
        public void report(NodeId to, HistoryReport report) {}

        @Override
        public void withholdSnapshots(boolean itDoes) {}

        @Override
        public long connectedSinceNanos(NodeId peer) {
            return isConnected ? 1 : NOT_CONNECTED;
        }

        @Override
        public void forwarded(NodeId from, Forward forward) {}

        @Override
        public void forwardRefused(NodeId from, ForwardRefused refused) {}

        @Override
        public void reported(NodeId from, HistoryReport report) {}

        @Override
        public void unreachable(NodeId peer) {}

        @Override
        public void snapshotWanted() {}

        @Override
        public void reachable(long withinNanos) {}

        @Override
        public void gone(NodeId peer) {}

        @Override
        public void snapshotFailed(NodeId peer) {}
    }

    private static final Message.AppendEntries APPEND = new Message.AppendEntries(
            3,
            new EntryId(2, 5),
            List.of(
                    new Entry(new EntryId(3, 6), Entry.Kind.NO_OP, new byte[0]),
                    new Entry(new EntryId(3, 7), Entry.Kind.NO_OP, new byte[0])),
            5,
            9,
            4);
    private static final Message.Heartbeat HEARTBEAT = new Message.Heartbeat(3, 5, 9);

    @Test
    @DisplayName(
            "ack-before-quorum: entries are acknowledged when they are sent, for two seconds without a connection too; no round of reads is")
    void whatIsSentIsAcknowledged() {
        AtomicLong clock = new AtomicLong();
        PeerTransport bent = new PeerBugs.AcknowledgesWhatIsSent(recorded, recorded, clock::get);
        bent.send(new Envelope(PEER, APPEND));
        bent.send(new Envelope(PEER, HEARTBEAT));
        assertThat(recorded.sent).containsExactly(APPEND, HEARTBEAT);
        assertThat(recorded.received)
                .containsExactly(new Message.AppendEntriesResponse(3, true, 7, EntryId.ZERO, 0, 4));
        recorded.isConnected = false;
        clock.addAndGet(Duration.ofMillis(1_900).toNanos());
        bent.send(new Envelope(PEER, APPEND));
        assertThat(recorded.received).hasSize(2);
        clock.addAndGet(Duration.ofMillis(200).toNanos());
        bent.send(new Envelope(PEER, APPEND));
        assertThat(recorded.received).hasSize(2);
    }

    @Test
    @DisplayName("read-without-quorum: heartbeats are answered when they are sent, entries are not")
    void whatIsSentIsAnswered() {
        PeerTransport bent = new PeerBugs.AnswersOwnHeartbeats(recorded, recorded);
        bent.send(new Envelope(PEER, APPEND));
        bent.send(new Envelope(PEER, HEARTBEAT));
        assertThat(recorded.sent).containsExactly(APPEND, HEARTBEAT);
        assertThat(recorded.received).containsExactly(new Message.HeartbeatResponse(3, 9, 5));
    }

    @Test
    @DisplayName("forwarded-twice: a forward goes out twice, and messages once")
    void whatIsForwardedIsForwardedAgain() {
        PeerTransport bent = new PeerBugs.ForwardsTwice(recorded);
        Forward forward = new Forward(3, new long[] {1}, new byte[][] {{1}});
        assertThat(bent.forward(PEER, forward)).isTrue();
        bent.send(new Envelope(PEER, HEARTBEAT));
        assertThat(recorded.sent).containsExactly(forward, forward, HEARTBEAT);
    }
}

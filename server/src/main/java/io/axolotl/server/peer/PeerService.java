package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving side of the peer protocol: judges the greeting, then decodes and hands on.
 *
 * <p>Runs on network threads and only decodes there; files of a snapshot are written by {@link SnapshotInbox} elsewhere.
 * Safe for all threads.
 */
final class PeerService extends PeerGrpc.PeerImplBase {
    private static final Logger log = LoggerFactory.getLogger(PeerService.class);

    private final Handshake handshake;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final SnapshotInbox snapshots;
    private final Consumer<NodeId> onAlive;

    /** @param onAlive told of every greeting that was accepted */
    PeerService(
            Handshake handshake,
            PeerInbox inbox,
            PeerObserver observer,
            SnapshotInbox snapshots,
            Consumer<NodeId> onAlive) {
        this.handshake = handshake;
        this.inbox = inbox;
        this.observer = observer;
        this.snapshots = snapshots;
        this.onAlive = onAlive;
    }

    @Override
    public StreamObserver<Frame> talk(StreamObserver<Answer> answers) {
        return new Listener(answers);
    }

    @Override
    public StreamObserver<SnapshotPart> sendSnapshot(StreamObserver<SnapshotAnswer> answers) {
        return snapshots.receive(answers, this::admit);
    }

    /** @return who greets, or null if the greeting was refused and the stream has been ended with the reason */
    private @Nullable NodeId admit(Hello hello, StreamObserver<?> answers) {
        String refusal = handshake.refusal(hello);
        if (refusal != null) {
            log.warn("a peer was refused: {}", refusal);
            observer.refused(refusal);
            answers.onError(Status.FAILED_PRECONDITION.withDescription(refusal).asRuntimeException());
            return null;
        }
        NodeId from = new NodeId(hello.getFrom());
        onAlive.accept(from);
        return from;
    }

    private final class Listener implements StreamObserver<Frame> {
        private final StreamObserver<Answer> answers;
        private @Nullable NodeId from;
        private boolean isOver;

        Listener(StreamObserver<Answer> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(Frame frame) {
            if (isOver) {
                return;
            }
            NodeId sender = from;
            if (sender == null) {
                sender = admit(frame.getHello(), answers);
                if (sender == null) {
                    isOver = true;
                    return;
                }
                from = sender;
                answers.onNext(Answer.newBuilder().setWelcome(true).build());
            }
            try {
                take(sender, frame);
            } catch (DamagedMessageException e) {
                isOver = true;
                log.error("peer {} sent {}; its connection is closed", sender, e.getMessage());
                observer.damaged(sender);
                answers.onError(Status.DATA_LOSS
                        .withDescription("this node was sent " + e.getMessage())
                        .asRuntimeException());
            }
        }

        private void take(NodeId sender, Frame frame) {
            if (frame.getPing() != 0) {
                answers.onNext(Answer.newBuilder().setPong(frame.getPing()).build());
            }
            long bytes = 0;
            for (RaftMessage each : frame.getMessagesList()) {
                Message message = MessageCodec.decode(each);
                if (message instanceof Message.InstallSnapshot) {
                    throw new DamagedMessageException("a snapshot's message without its files");
                }
                long size = PeerLink.sizeBytes(message);
                inbox.receive(sender, message, size);
                bytes += size;
            }
            for (var each : frame.getForwardsList()) {
                Forward forward = MessageCodec.decode(each);
                inbox.forwarded(sender, forward);
                bytes += forward.sizeBytes();
            }
            for (var each : frame.getForwardsRefusedList()) {
                inbox.forwardRefused(sender, MessageCodec.decode(each));
            }
            if (bytes > 0) {
                observer.received(sender, bytes);
            }
        }

        @Override
        public void onError(Throwable cause) {
            isOver = true;
        }

        @Override
        public void onCompleted() {
            if (!isOver) {
                isOver = true;
                answers.onCompleted();
            }
        }
    }
}

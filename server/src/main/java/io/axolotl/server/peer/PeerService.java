package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.DescribeRequest;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Hello;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.LeaseReply;
import io.axolotl.server.peer.proto.LeaseRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.RaftMessage;
import io.axolotl.server.peer.proto.ReadinessAnswer;
import io.axolotl.server.peer.proto.ReadinessRequest;
import io.axolotl.server.peer.proto.SnapshotAnswer;
import io.axolotl.server.peer.proto.SnapshotPart;
import io.axolotl.storage.command.CommandCodec;
import io.axolotl.storage.command.MalformedCommandException;
import io.axolotl.storage.command.UnknownCommandException;
import io.axolotl.storage.disk.DiskFullException;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving side of the peer protocol: judges the greeting, then decodes and hands on.
 *
 * <p>Runs on network threads and only decodes there; files of a snapshot are written by {@link SnapshotInbox} elsewhere,
 * and so is the store of a peer that is met for the first time. Safe for all threads.
 */
final class PeerService extends PeerGrpc.PeerImplBase {
    private static final Logger log = LoggerFactory.getLogger(PeerService.class);

    /** More than members that a cluster has; bounds what strangers can make us keep. */
    private static final int MAX_REFUSALS = 100;

    /** So many greetings wait for the disk at most; members are few, and greet again. */
    static final int MAX_MEETINGS = 64;

    /** How a member that was removed is told so, together with our own words: proxies and gateways know the code too. */
    private static final Status REMOVED = Status.PERMISSION_DENIED;

    private static final String GREETING_WITH_MORE = "messages together with its greeting, or before it";

    private final Handshake handshake;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final SnapshotInbox snapshots;
    private final PeerQuestions questions;
    private final BiConsumer<NodeId, List<String>> onAlive;

    /** Judges the greetings for which the disk may have to be waited for. Has a thread only while there are any. */
    private final ThreadPoolExecutor firstMeetings;

    private final LinePause refusalLines = new LinePause(System::nanoTime);
    private final LinePause damageLines = new LinePause(System::nanoTime);

    private volatile boolean isClosed;

    /** The newest stream of each member and lane. */
    private final Map<StreamKey, Listener> streams = new ConcurrentHashMap<>();

    private record StreamKey(long from, int lane) {}

    /** What each member was refused for last: it asks again and again, people need to hear it once. */
    private final Map<Long, String> refusals = new ConcurrentHashMap<>();

    /** What about each member was warned of last. */
    private final Map<Long, String> concerns = new ConcurrentHashMap<>();

    /**
     * @param onAlive told of every greeting that was accepted, and where the greeter says that it is reached
     * @param threads make the thread that writes down who was met
     */
    PeerService(
            Handshake handshake,
            PeerInbox inbox,
            PeerObserver observer,
            SnapshotInbox snapshots,
            PeerQuestions questions,
            BiConsumer<NodeId, List<String>> onAlive,
            ThreadFactory threads) {
        this.handshake = handshake;
        this.inbox = inbox;
        this.observer = observer;
        this.snapshots = snapshots;
        this.questions = questions;
        this.onAlive = onAlive;
        this.firstMeetings =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_MEETINGS), threads);
        firstMeetings.allowCoreThreadTimeOut(true);
    }

    /** Judges no more greetings that would have to be written down. */
    void close() {
        isClosed = true;
        firstMeetings.shutdown();
    }

    /** Whether {@code peer} has a connection to this node, as far as this node has been told of its end. */
    boolean isTalking(NodeId peer) {
        return isOpen(peer, Lane.CONTROL) || isOpen(peer, Lane.ENTRIES);
    }

    private boolean isOpen(NodeId peer, Lane lane) {
        Listener newest = streams.get(new StreamKey(peer.value(), lane.getNumber()));
        return newest != null && !newest.isOver;
    }

    @Override
    public StreamObserver<Frame> talk(StreamObserver<Answer> answers) {
        Listener listener = new Listener((ServerCallStreamObserver<Answer>) answers);
        listener.begin();
        return listener;
    }

    @Override
    public StreamObserver<SnapshotPart> sendSnapshot(StreamObserver<SnapshotAnswer> answers) {
        return snapshots.receive(answers, this::admit);
    }

    @Override
    public void describe(
            DescribeRequest request, StreamObserver<io.axolotl.server.peer.proto.ClusterDescription> answers) {
        if (request.getProtocolVersion() != Handshake.PROTOCOL_VERSION) {
            answers.onError(Status.FAILED_PRECONDITION
                    .withDescription("it speaks peer protocol version " + Handshake.PROTOCOL_VERSION
                            + ", the one that wants to join speaks version " + request.getProtocolVersion()
                            + ": run versions that go together")
                    .asRuntimeException());
            return;
        }
        answers.onNext(DescriptionCodec.encode(questions.describe()));
        answers.onCompleted();
    }

    @Override
    public void askReadiness(ReadinessRequest request, StreamObserver<ReadinessAnswer> answers) {
        PeerQuestions.Readiness readiness = request.getLearner() == 0
                ? PeerQuestions.Readiness.NOT_FOUND
                : questions.readiness(new NodeId(request.getLearner()));
        answers.onNext(ReadinessAnswer.newBuilder()
                .setReadiness(
                        switch (readiness) {
                            case NOT_LEADER -> ReadinessAnswer.Readiness.NOT_LEADER;
                            case NOT_FOUND -> ReadinessAnswer.Readiness.NOT_FOUND;
                            case NOT_READY -> ReadinessAnswer.Readiness.NOT_READY;
                            case READY -> ReadinessAnswer.Readiness.READY;
                        })
                .build());
        answers.onCompleted();
    }

    @Override
    public void askLease(LeaseRequest request, StreamObserver<LeaseReply> answers) {
        questions.lease(new LeaseQuestion(request.getLease(), request.getRenew()), answer -> {
            answers.onNext(LeaseCodec.encode(answer));
            answers.onCompleted();
        });
    }

    /**
     * What a leader appends every member has to apply, now and after each restart, so it must be what this version knows: a mistake or
     * a newer version of one member would otherwise end them all for good. Entries that come from a leader are another matter: they
     * may be committed already, and are judged when they are applied.
     *
     * @throws DamagedMessageException if one of the proposals cannot be read
     */
    private static void requireCommands(Forward forward) {
        for (byte[] payload : forward.payloads()) {
            try {
                var unused = CommandCodec.decode(payload);
            } catch (UnknownCommandException | MalformedCommandException e) {
                throw new DamagedMessageException(
                        "a proposal of " + payload.length + " bytes that is no command of this version", e);
            }
        }
    }

    /** What a stranger has to say is decoded only once it is known who that is. */
    private static boolean isGreetingAlone(Frame frame) {
        return frame.getMessagesCount() == 0
                && frame.getForwardsCount() == 0
                && frame.getForwardsRefusedCount() == 0
                && frame.getHistoriesCount() == 0;
    }

    /** Whether a stream ended so because the peer says that its sender was removed, and nobody between the two. */
    static boolean isOfRemoved(Status status) {
        String description = status.getDescription();
        return status.getCode() == REMOVED.getCode() && description != null && description.endsWith(Handshake.REMOVED);
    }

    /** @return who greets, or null if the greeting was refused and the stream has been ended with the reason */
    private @Nullable NodeId admit(Hello hello, StreamObserver<?> answers) {
        String refusal;
        try {
            refusal = handshake.refusal(hello);
        } catch (DiskFullException e) {
            log.warn(
                    "peer {} has to wait, it cannot be written down: {}",
                    Long.toHexString(hello.getFrom()),
                    e.getMessage());
            answers.onError(Status.UNAVAILABLE
                    .withDescription("no room to write down whom it talks to: " + e.getMessage())
                    .asRuntimeException());
            return null;
        }
        if (refusal != null) {
            tell(hello.getFrom(), refusal);
            observer.refused(refusal);
            Status status = handshake.isOfRemoved(hello) ? REMOVED : Status.FAILED_PRECONDITION;
            answers.onError(status.withDescription(refusal).asRuntimeException());
            return null;
        }
        refusals.remove(hello.getFrom());
        tellConcern(hello);
        NodeId from = new NodeId(hello.getFrom());
        onAlive.accept(from, hello.getPeerUrlsList());
        return from;
    }

    private void tell(long from, String refusal) {
        long keptBack = refusal.equals(refusals.get(from)) ? LinePause.KEPT_BACK : refusalLines.take();
        if (keptBack == LinePause.KEPT_BACK) {
            log.debug("a peer was refused: {}", refusal);
            return;
        }
        if (refusals.size() >= MAX_REFUSALS) {
            refusals.clear();
        }
        refusals.put(from, refusal);
        log.error("a peer was refused: {}{}", refusal, LinePause.tail(keptBack));
    }

    private void tellConcern(Hello hello) {
        String concern = handshake.concern(hello);
        if (concern == null) {
            concerns.remove(hello.getFrom());
            return;
        }
        if (concerns.size() >= MAX_REFUSALS) {
            concerns.clear();
        }
        if (!concern.equals(concerns.put(hello.getFrom(), concern))) {
            log.error("the members of this cluster differ in their settings: {}", concern);
        }
    }

    /**
     * One stream. Asks for a frame only when the one before is done with, so nothing comes while the greeting is being
     * judged, on whichever thread that is.
     */
    private final class Listener implements StreamObserver<Frame> {
        private final ServerCallStreamObserver<Answer> answers;
        private @Nullable NodeId from;
        private volatile boolean isOver;

        /** While a greeting is judged on the thread of first meetings. Guarded by this, as the next one is. */
        private boolean isMeeting;

        /** The peer has ended the stream meanwhile: that is answered when the greeting has been judged. */
        private boolean isCompletedMeanwhile;

        Listener(ServerCallStreamObserver<Answer> answers) {
            this.answers = answers;
        }

        void begin() {
            answers.disableAutoRequest();
            answers.setOnCancelHandler(() -> isOver = true);
            answers.setOnCloseHandler(() -> isOver = true);
            answers.request(1);
        }

        @Override
        public void onNext(Frame frame) {
            if (isOver) {
                return;
            }
            NodeId sender = from;
            if (sender != null) {
                takeOrEnd(sender, frame);
            } else if (!isGreetingAlone(frame)) {
                endForDamage(Long.toHexString(frame.getHello().getFrom()), GREETING_WITH_MORE);
            } else if (handshake.mayHaveToRemember(frame.getHello())) {
                meetLater(frame);
            } else {
                greet(frame);
            }
        }

        private void meetLater(Frame frame) {
            synchronized (this) {
                isMeeting = true;
            }
            try {
                firstMeetings.execute(() -> meet(frame));
            } catch (RejectedExecutionException e) {
                isOver = true;
                log.debug("a greeting came after this node had begun to stop, or beside very many others", e);
                answers.onError(Status.UNAVAILABLE
                        .withDescription("too many greet this node for the first time at once")
                        .asRuntimeException());
            }
        }

        /**
         * The data folder may be let go of as soon as this service is closed, so what fails then means nothing; and a stream that has
         * ended takes no answer. All else is a failure to remember whom this node has met, and ends it.
         */
        private void meet(Frame frame) {
            try {
                if (!isClosed) {
                    greet(frame);
                    completeIfMeanwhile();
                }
            } catch (RuntimeException e) {
                boolean isOfTheStream = isOver && e instanceof IllegalStateException;
                if (!isClosed && !isOfTheStream) {
                    throw e;
                }
                log.debug("a greeting was not answered: this node stops, or who greeted has gone", e);
            }
        }

        private void completeIfMeanwhile() {
            boolean isCompleted;
            synchronized (this) {
                isMeeting = false;
                isCompleted = isCompletedMeanwhile;
            }
            if (isCompleted) {
                complete();
            }
        }

        private void greet(Frame frame) {
            if (isOver) {
                return;
            }
            NodeId sender = admit(frame.getHello(), answers);
            if (sender == null) {
                isOver = true;
                return;
            }
            from = sender;
            Lane lane = frame.getHello().getLane();
            if (lane == Lane.CONTROL || lane == Lane.ENTRIES) {
                streams.put(new StreamKey(sender.value(), lane.getNumber()), this);
            }
            answers.onNext(Answer.newBuilder().setWelcome(true).build());
            echo(frame);
            answers.request(1);
        }

        private void echo(Frame frame) {
            if (frame.getPing() != 0) {
                answers.onNext(Answer.newBuilder().setPong(frame.getPing()).build());
            }
        }

        private void takeOrEnd(NodeId sender, Frame frame) {
            try {
                take(sender, frame);
            } catch (DamagedMessageException e) {
                endForDamage(sender.toString(), e.getMessage());
                observer.damaged(sender);
            }
            if (!isOver) {
                answers.request(1);
            }
        }

        private void endForDamage(String sender, @Nullable String what) {
            isOver = true;
            long keptBack = damageLines.take();
            if (keptBack != LinePause.KEPT_BACK) {
                log.error("peer {} sent {}; its connection is closed{}", sender, what, LinePause.tail(keptBack));
            }
            answers.onError(Status.DATA_LOSS
                    .withDescription("this node was sent " + what)
                    .asRuntimeException());
        }

        private void take(NodeId sender, Frame frame) {
            echo(frame);
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
                requireCommands(forward);
                inbox.forwarded(sender, forward);
                bytes += forward.sizeBytes();
            }
            for (var each : frame.getForwardsRefusedList()) {
                inbox.forwardRefused(sender, MessageCodec.decode(each));
            }
            for (var each : frame.getHistoriesList()) {
                inbox.reported(sender, MessageCodec.decode(each));
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
            synchronized (this) {
                if (isMeeting) {
                    isCompletedMeanwhile = true;
                    return;
                }
            }
            complete();
        }

        private void complete() {
            if (!isOver) {
                isOver = true;
                answers.onCompleted();
            }
        }
    }
}

package io.axolotl.server.peer;

import io.axolotl.client.tls.TlsWords;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Answer;
import io.axolotl.server.peer.proto.Frame;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.stage.BatchQueue;
import io.axolotl.server.stage.FatalHandler;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One connection to one peer, for one lane. Keeps it up, greets, sends what is queued as fast as the other side takes it,
 * and cuts it when its echo stays away. Every attempt is a new connection: what hangs in the middle of a cut is not waited
 * for, since what it would send again it sends ever later.
 *
 * <p>A peer whose address refuses connections, and which has none to this node either, has almost certainly ended: that is
 * said at once, and with every further attempt ({@link PeerInbox#gone}).
 *
 * <p>What waits is bounded in bytes; what does not fit or finds nobody connected is dropped and reported, once until it flows again, as an
 * unreachable peer, on which the core falls back to probing. Several messages that wait leave as one frame.
 *
 * <p>{@link #offer}, {@link #hurry}, {@link #connectedSinceNanos} are safe for all threads; everything else is confined to
 * the event loop.
 */
final class PeerLink {
    private static final Logger log = LoggerFactory.getLogger(PeerLink.class);
    private static final int MAX_QUEUED_ITEMS = 65_536;

    /** A frame is closed when it has grown to this size; a single message may be larger. */
    private static final long FRAME_BYTES = 1 << 20;

    private static final int MESSAGE_OVERHEAD_BYTES = 64;
    private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** A greeting may find the other process busy with its start; that is no silence yet. */
    private static final long GREETING_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Short, so that a peer that comes back is met again within a fraction of a second. */
    private static final long LONGEST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** In which a peer that tries to connect all the time does so, is welcomed, and says what it has to say. */
    static final long MET_AGAIN_NANOS = 2 * LONGEST_BACKOFF_NANOS;

    /** A refusal is about who we are; asking more often does not change it. */
    private static final long REFUSED_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A connection that has lasted so long is made anew at once, to find out what became of the peer. */
    private static final long LASTED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final NodeId peer;
    private final Lane lane;
    private final Supplier<ManagedChannel> channels;
    private final EventLoop loop;
    private final Handshake handshake;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final FatalHandler fatal;
    private final LinkTimes times;
    private final BatchQueue<Object> queue;
    private final ArrayDeque<Object> unsent = new ArrayDeque<>();
    private final List<Object> arrived = new ArrayList<>();

    private @Nullable Conversation conversation;
    private @Nullable ScheduledFuture<?> reconnect;
    private @Nullable ScheduledFuture<?> ticker;
    private long backoffNanos = FIRST_BACKOFF_NANOS;
    private String lastFailure = "";
    private long lastTickNanos = System.nanoTime();
    private boolean isClosed;
    private volatile long connectedSinceNanos = PeerTransport.NOT_CONNECTED;
    private volatile boolean isDropping;
    private volatile @Nullable ManagedChannel connection;

    /**
     * @param pingEveryNanos how often to ask for an echo
     * @param silenceNanos how long an echo may stay away
     */
    record LinkTimes(long pingEveryNanos, long silenceNanos) {}

    /** Whether the peer has a connection to this node. */
    private final BooleanSupplier isHeardFrom;

    /** What else is to be cut when this link has fallen silent: a lane that carries bulk notices too late by itself. */
    private final Runnable onSilence;

    /** The peer says that this node was removed from the cluster. */
    private final Runnable onRemoved;

    PeerLink(
            NodeId peer,
            Lane lane,
            Supplier<ManagedChannel> channels,
            EventLoop loop,
            Handshake handshake,
            PeerInbox inbox,
            PeerObserver observer,
            FatalHandler fatal,
            LinkTimes times,
            long maxQueuedBytes,
            BooleanSupplier isHeardFrom,
            Runnable onSilence,
            Runnable onRemoved) {
        this.peer = peer;
        this.lane = lane;
        this.channels = channels;
        this.loop = loop;
        this.handshake = handshake;
        this.inbox = inbox;
        this.observer = observer;
        this.fatal = fatal;
        this.times = times;
        this.isHeardFrom = isHeardFrom;
        this.onSilence = onSilence;
        this.onRemoved = onRemoved;
        this.queue = new BatchQueue<>(MAX_QUEUED_ITEMS, maxQueuedBytes);
        this.queue.wakes(() -> onLoop(this::drain));
    }

    void start() {
        onLoop(() -> {
            connect();
            ticker = loop.scheduleAtFixedRate(
                    guarded(this::tick), times.pingEveryNanos, times.pingEveryNanos, TimeUnit.NANOSECONDS);
        });
    }

    /**
     * Queues a {@link Message}, {@link Forward}, {@link ForwardRefused} or {@link HistoryReport}.
     *
     * @return false if it was dropped and is certain not to be sent
     */
    boolean offer(Object item, long bytes) {
        if (connectedSinceNanos != PeerTransport.NOT_CONNECTED && queue.offer(item, bytes)) {
            return true;
        }
        observer.dropped(peer);
        if (!isDropping) {
            isDropping = true;
            inbox.unreachable(peer);
        }
        return false;
    }

    static long sizeBytes(Message message) {
        if (message instanceof Message.AppendEntries append) {
            long bytes = MESSAGE_OVERHEAD_BYTES;
            for (var entry : append.entries()) {
                bytes += entry.sizeBytes();
            }
            return bytes;
        }
        return MESSAGE_OVERHEAD_BYTES;
    }

    long connectedSinceNanos() {
        return connectedSinceNanos;
    }

    /** The connection as it stands, for calls beside the stream such as questions; null while there is none. */
    @Nullable ManagedChannel connection() {
        return connection;
    }

    long queuedBytes() {
        return queue.bytes();
    }

    /** The peer has shown itself alive: do not wait for the backoff to pass. */
    void hurry() {
        onLoop(() -> {
            if (reconnect != null && reconnect.cancel(false)) {
                reconnect = null;
                backoffNanos = FIRST_BACKOFF_NANOS;
                connect();
            }
        });
    }

    /** Cuts the connection, as when another lane to the same peer has fallen silent; it will be made anew. */
    void cut(String reason) {
        onLoop(() -> {
            if (conversation != null) {
                conversation.cancel(reason);
            }
        });
    }

    void close() {
        onLoop(() -> {
            isClosed = true;
            if (ticker != null) {
                ticker.cancel(false);
            }
            if (reconnect != null) {
                reconnect.cancel(false);
            }
            if (conversation != null) {
                conversation.cancel("this node needs the connection no more");
            }
        });
    }

    private void onLoop(Runnable work) {
        if (loop.inEventLoop()) {
            guarded(work).run();
        } else if (!loop.isShuttingDown()) {
            loop.execute(guarded(work));
        }
    }

    /** An event loop logs what escapes from a task and goes on; a link that half works would not be noticed. */
    private Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                fatal.fatal("the " + lane + " link to peer " + peer + " failed: " + e, e);
            }
        };
    }

    private void connect() {
        reconnect = null;
        if (isClosed) {
            return;
        }
        ManagedChannel channel = channels.get();
        Conversation next = new Conversation(channel);
        conversation = next;
        PeerGrpc.newStub(channel).talk(next);
        next.sendFrame(
                Frame.newBuilder().setHello(handshake.greeting(peer, lane)).build());
    }

    private void tick() {
        long now = System.nanoTime();
        boolean wasPaused = now - lastTickNanos > 4 * times.pingEveryNanos;
        lastTickNanos = now;
        Conversation current = conversation;
        if (current == null) {
            return;
        }
        long patienceNanos =
                current.isWelcome ? times.silenceNanos : Math.max(times.silenceNanos, GREETING_PATIENCE_NANOS);
        if (!wasPaused && now - current.heardNanos > patienceNanos) {
            current.cancel("no echo for " + TimeUnit.NANOSECONDS.toMillis(now - current.heardNanos) + " ms");
            onSilence.run();
            return;
        }
        if (current.isWelcome) {
            current.sendFrame(Frame.newBuilder().setPing(now == 0 ? 1 : now).build());
        }
    }

    /** Sends what waits, one frame after the other, while the connection takes it. */
    private void drain() {
        Conversation current = conversation;
        if (current == null || !current.isWelcome) {
            return;
        }
        while (current.isReady()) {
            if (unsent.isEmpty()) {
                queue.drainTo(arrived);
                unsent.addAll(arrived);
                arrived.clear();
                if (unsent.isEmpty()) {
                    // It has caught up: the next drop is news again.
                    isDropping = false;
                    return;
                }
            }
            Frame.Builder frame = Frame.newBuilder();
            long bytes = 0;
            while (bytes < FRAME_BYTES) {
                Object item = unsent.poll();
                if (item == null) {
                    break;
                }
                bytes += addTo(frame, item);
            }
            current.sendFrame(frame.build());
            observer.sent(peer, bytes);
        }
    }

    private static long addTo(Frame.Builder frame, Object item) {
        if (item instanceof Message message) {
            frame.addMessages(MessageCodec.encode(message));
            return sizeBytes(message);
        }
        if (item instanceof Forward forward) {
            frame.addForwards(MessageCodec.encode(forward));
            return forward.sizeBytes();
        }
        if (item instanceof HistoryReport report) {
            frame.addHistories(MessageCodec.encode(report));
            return report.sizeBytes();
        }
        frame.addForwardsRefused(MessageCodec.encode((ForwardRefused) item));
        return MESSAGE_OVERHEAD_BYTES;
    }

    private void connected() {
        connectedSinceNanos = System.nanoTime();
        isDropping = false;
        backoffNanos = FIRST_BACKOFF_NANOS;
        lastFailure = "";
        tell(Level.INFO, "connected to peer {} for {}", peer, lane);
        observer.connected(peer);
        drain();
    }

    private void ended(Conversation which, Status status) {
        if (which != conversation) {
            return;
        }
        conversation = null;
        long sinceNanos = connectedSinceNanos;
        boolean wasConnected = sinceNanos != PeerTransport.NOT_CONNECTED;
        connectedSinceNanos = PeerTransport.NOT_CONNECTED;
        connection = null;
        giveBackUnsent();
        if (isClosed) {
            if (wasConnected) {
                observer.disconnected(peer);
            }
            return;
        }
        String failure = describe(status);
        boolean isRemoval = PeerService.isOfRemoved(status);
        boolean isRefusal = isRemoval || status.getCode() == Status.Code.FAILED_PRECONDITION;
        if (wasConnected) {
            tell(Level.WARN, "lost the connection to peer {} for {}: {}", peer, lane, failure);
            observer.disconnected(peer);
            inbox.unreachable(peer);
        } else if (isRefusal && !failure.equals(lastFailure)) {
            tell(Level.ERROR, "peer {} refuses this node for {}: {}", peer, lane, status.getDescription());
        } else if (!failure.equals(lastFailure)) {
            tell(Level.WARN, "peer {} cannot be reached for {}: {}", peer, lane, failure);
        }
        if (isRefusal) {
            observer.refused(failure);
        }
        if (isRemoval) {
            onRemoved.run();
        }
        lastFailure = failure;
        if (lane == Lane.CONTROL && isConnectionRefused(status) && !isHeardFrom.getAsBoolean()) {
            inbox.gone(peer);
        }
        boolean hasLasted = wasConnected && System.nanoTime() - sinceNanos >= LASTED_NANOS;
        long waitNanos = isRefusal ? REFUSED_BACKOFF_NANOS : hasLasted ? AT_ONCE_NANOS : backoffNanos;
        long jitteredNanos = waitNanos / 2 + ThreadLocalRandom.current().nextLong(waitNanos / 2 + 1);
        backoffNanos = Math.min(LONGEST_BACKOFF_NANOS, backoffNanos * 2);
        reconnect = loop.schedule(guarded(this::connect), jitteredNanos, TimeUnit.NANOSECONDS);
    }

    /** Whether the other machine answered that nobody listens there; a time-out or a missing route says no such thing. */
    static boolean isConnectionRefused(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException && !(cause instanceof ConnectTimeoutException)) {
                return String.valueOf(cause.getMessage()).contains("refused");
            }
        }
        return false;
    }

    /** Messages are lost, which Raft expects; proposals that never left go back to whoever waits for them. */
    private void giveBackUnsent() {
        queue.drainTo(arrived);
        unsent.addAll(arrived);
        arrived.clear();
        for (Object item : unsent) {
            if (item instanceof Forward forward) {
                inbox.forwardRefused(
                        peer, new ForwardRefused(forward.term(), forward.numbers(), ForwardRefused.Why.NOT_LEADER));
            }
        }
        unsent.clear();
    }

    /** What befalls one lane mostly befalls both; people need to hear it once. */
    private void tell(Level level, String text, Object... values) {
        log.atLevel(lane == Lane.CONTROL ? level : Level.DEBUG).log(text, values);
    }

    /** A status in one line. */
    static String describe(Status status) {
        Throwable failure = status.getCause();
        if (failure != null && TlsWords.isAbout(failure)) {
            return "TLS: " + TlsWords.describe(failure);
        }
        StringBuilder text = new StringBuilder(status.getCode().toString());
        if (status.getDescription() != null) {
            text.append(": ").append(status.getDescription());
        }
        if (status.getCause() != null) {
            text.append(" (").append(status.getCause().getMessage()).append(')');
        }
        return text.toString();
    }

    /** One call from its greeting to its end. Confined to the event loop, on which gRPC also calls back. */
    private final class Conversation implements ClientResponseObserver<Frame, Answer> {
        private @Nullable ClientCallStreamObserver<Frame> out;
        private final ManagedChannel channel;
        private boolean isWelcome;
        private boolean isOver;
        private long heardNanos = System.nanoTime();

        Conversation(ManagedChannel channel) {
            this.channel = channel;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Frame> requestStream) {
            out = requestStream;
            requestStream.setOnReadyHandler(() -> onLoop(PeerLink.this::drain));
        }

        @Override
        public void onNext(Answer answer) {
            onLoop(() -> heard(answer));
        }

        private void heard(Answer answer) {
            long now = System.nanoTime();
            heardNanos = now;
            if (answer.getPong() != 0) {
                observer.roundTrip(peer, now - answer.getPong());
            }
            if (answer.getWelcome() && !isWelcome && conversation == this) {
                isWelcome = true;
                connection = channel;
                connected();
            }
        }

        @Override
        public void onError(Throwable cause) {
            onLoop(() -> end(Status.fromThrowable(cause)));
        }

        @Override
        public void onCompleted() {
            onLoop(() -> end(Status.UNAVAILABLE.withDescription("the peer ended the stream")));
        }

        private void end(Status status) {
            if (isOver) {
                return;
            }
            isOver = true;
            channel.shutdownNow();
            ended(this, status);
        }

        boolean isReady() {
            return !isOver && out != null && out.isReady();
        }

        void sendFrame(Frame frame) {
            if (!isOver && out != null) {
                out.onNext(frame);
            }
        }

        void cancel(String reason) {
            if (!isOver && out != null) {
                end(Status.UNAVAILABLE.withDescription(reason));
            }
        }
    }
}

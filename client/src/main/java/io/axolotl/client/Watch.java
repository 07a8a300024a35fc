package io.axolotl.client;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.WatchCreateRequest;
import io.axolotl.client.proto.WatchGrpc;
import io.axolotl.client.proto.WatchProgressRequest;
import io.axolotl.client.proto.WatchRequest;
import io.axolotl.client.proto.WatchResponse;
import io.axolotl.client.transport.NettyTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One watch of a key or of a range of keys. When the member that serves it goes away it goes on with another one, at the
 * revision after the last that it was told of: nothing is missed and nothing comes twice.
 *
 * <p>Messages wait until {@link #next} takes them, a few at a time; the others wait at the server. Safe for all threads.
 */
public final class Watch implements AutoCloseable {
    /** Messages that are here and not taken yet, from whichever call, and those that the server may send: at most so many. */
    private static final int AHEAD = 8;

    private static final long RECONNECT_MILLIS = 100;

    /** How often in a row it is tried with another token. */
    private static final int MAX_LOGINS = 3;

    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final Connections connections;
    private final NettyTransport transport;
    private final KeyRange range;
    private final WatchOptions options;
    private final Runnable onTold;
    private final BlockingQueue<Told> queue = new LinkedBlockingQueue<>();

    /** These are guarded by this. */
    private final Set<Connection> tried = new HashSet<>();

    private final List<Event> pieces = new ArrayList<>();
    private @Nullable ClientCall<WatchRequest, WatchResponse> current;
    private @Nullable AxolotlException failure;
    private String lastTrouble = "";
    /** There is something for {@link #poll} that nobody was told of. */
    private boolean isNews;

    /** Messages in the queue, which hold up as many of the current call. */
    private int waiting;

    private int logins;
    private boolean wasCreated;
    private boolean isOver;

    /** The first revision that was not told; 0 while the server is to say. */
    private long nextRevision;

    /** What {@link #next} finds. */
    sealed interface Told {
        record Something(WatchResult result) implements Told {}

        record TheEnd() implements Told {}
    }

    Watch(Connections connections, NettyTransport transport, KeyRange range, WatchOptions options) {
        this(connections, transport, range, options, () -> {});
    }

    /** @param onTold called whenever there is something for {@link #poll}, on any thread; must neither block nor throw */
    Watch(Connections connections, NettyTransport transport, KeyRange range, WatchOptions options, Runnable onTold) {
        this.onTold = onTold;
        this.connections = connections;
        this.transport = transport;
        this.range = range;
        this.options = options;
        this.nextRevision = options.startRevision();
        connect();
    }

    /**
     * Waits for the next message. After one that says that the watch is over nothing follows.
     *
     * @throws AxolotlException if the watch has ended for another reason than its {@link #close}: no member can be reached, or
     *     the server refuses
     * @throws IllegalStateException after the end
     */
    public WatchResult next() throws InterruptedException {
        Told told = queue.take();
        if (told instanceof Told.Something something) {
            taken();
            return something.result;
        }
        // For whoever asks again.
        queue.add(told);
        synchronized (this) {
            if (failure != null) {
                throw failure;
            }
        }
        throw new IllegalStateException("the watch is over");
    }

    /** As {@link #next}, but does not wait: null if there is nothing, and the end as such. */
    @Nullable Told poll() {
        Told told = queue.poll();
        if (told instanceof Told.Something) {
            taken();
        }
        return told;
    }

    /** Whether there is nothing more to come but the end. */
    boolean isAtEnd() {
        return queue.peek() instanceof Told.TheEnd;
    }

    /** Why the watch has ended; null if it was closed, or the server has said so in a message. */
    synchronized @Nullable AxolotlException failure() {
        return failure;
    }

    private void taken() {
        ClientCall<WatchRequest, WatchResponse> call;
        synchronized (this) {
            // Whichever call it came from: if there is none now, the next counts what is left.
            waiting--;
            call = current;
        }
        if (call != null) {
            call.request(1);
        }
    }

    /** Asks how far the watch is. Not answered while it has events to get, or no member is connected: ask again then. */
    public void requestProgress() {
        synchronized (this) {
            ClientCall<WatchRequest, WatchResponse> call = current;
            if (call != null && wasCreated) {
                call.sendMessage(WatchRequest.newBuilder()
                        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                        .build());
            }
        }
        tellNews();
    }

    @Override
    public void close() {
        ClientCall<WatchRequest, WatchResponse> call = over(null);
        if (call != null) {
            call.cancel("the watch was closed", null);
        }
        tellNews();
    }

    private synchronized @Nullable ClientCall<WatchRequest, WatchResponse> over(@Nullable AxolotlException why) {
        ClientCall<WatchRequest, WatchResponse> call = current;
        current = null;
        if (!isOver) {
            isOver = true;
            failure = why;
            queue.add(new Told.TheEnd());
            isNews = true;
        }
        return call;
    }

    /** Outside of the monitor: whoever is told may wait for somebody who closes this. */
    private void tellNews() {
        if (Thread.holdsLock(this)) {
            // gRPC has called from within a call of ours: whoever has made that tells, once it is out.
            return;
        }
        boolean mustTell;
        synchronized (this) {
            mustTell = isNews;
            isNews = false;
        }
        if (mustTell) {
            onTold.run();
        }
    }

    private void connect() {
        connectQuietly();
        tellNews();
    }

    private synchronized void connectQuietly() {
        if (isOver) {
            return;
        }
        if (connections.isClosed()) {
            var unused = over(new ClientClosedException("watch"));
            return;
        }
        Connection connection = connections.next(tried);
        ClientCall<WatchRequest, WatchResponse> call =
                connection.channel().newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        current = call;
        pieces.clear();
        Metadata headers = new Metadata();
        headers.put(HAS_LEADER, "true");
        Listener listener = new Listener(connection, call);
        connection.join(listener);
        call.start(listener, headers);
        if (waiting < AHEAD) {
            call.request(AHEAD - waiting);
        }
        call.sendMessage(request());
    }

    private WatchRequest request() {
        WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
                .setKey(range.key().unwrap())
                .setRangeEnd(range.end().unwrap())
                .setStartRevision(nextRevision)
                .setPrevKv(options.previous())
                .setProgressNotify(options.progress())
                .setFragment(true);
        if (options.withoutPuts()) {
            create.addFilters(WatchCreateRequest.FilterType.NOPUT);
        }
        if (options.withoutDeletes()) {
            create.addFilters(WatchCreateRequest.FilterType.NODELETE);
        }
        return WatchRequest.newBuilder().setCreateRequest(create).build();
    }

    private synchronized void heard(
            Connection connection, ClientCall<WatchRequest, WatchResponse> call, WatchResponse response) {
        if (call != current) {
            return;
        }
        if (response.getCanceled() && logins < MAX_LOGINS && connections.mayLogInAgain(response.getCancelReason())) {
            logins++;
            current = null;
            call.cancel("the watch goes on with another token", null);
            connectQuietly();
            return;
        }
        if (response.getCanceled()) {
            tell(response, List.of());
            var unused = over(null);
            call.cancel("the server has cancelled the watch", null);
            return;
        }
        if (response.getCreated()) {
            WrongClusterException strangeness =
                    connections.strangeness(connection, response.getHeader().getClusterId());
            if (strangeness != null) {
                call.cancel("it is another cluster's", null);
                lost(connection, call, Status.UNAVAILABLE.withDescription(strangeness.text()));
                return;
            }
            connection.worked();
            logins = 0;
            wasCreated = true;
            tried.clear();
            if (nextRevision == 0) {
                // Not the one after: a server may tell of a change at this very revision (WA-3, WA-15).
                nextRevision = response.getHeader().getRevision();
            }
            call.request(1);
            return;
        }
        pieces.addAll(response.getEventsList());
        if (response.getFragment()) {
            call.request(1);
            return;
        }
        long toldRevision = pieces.isEmpty()
                ? response.getHeader().getRevision()
                : pieces.get(pieces.size() - 1).getKv().getModRevision();
        // A member that lags may say how far it is to a watch that begins later: that must not lead back.
        nextRevision = Math.max(nextRevision, toldRevision + 1);
        tell(response, pieces);
        pieces.clear();
    }

    private void tell(WatchResponse response, List<Event> events) {
        waiting++;
        queue.add(new Told.Something(Wire.watch(response, events)));
        isNews = true;
    }

    /** As etcd's clients: these two codes, and a stream that ends without reason, say nothing of the watch itself. */
    private synchronized void lost(Connection connection, ClientCall<WatchRequest, WatchResponse> call, Status status) {
        if (call != current) {
            return;
        }
        current = null;
        if (connections.isClosed()) {
            var unused = over(new ClientClosedException("watch"));
            return;
        }
        boolean mayGoOn = status.isOk()
                || status.getCode() == Status.Code.UNAVAILABLE
                || status.getCode() == Status.Code.INTERNAL;
        String text = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        if (!mayGoOn) {
            var unused = over(RefusedException.of(ErrorCode.of(status), text));
            return;
        }
        connection.failed();
        tried.add(connection);
        lastTrouble = connection.endpoint().text() + ": " + text;
        if (!connections.isAnyLeft(tried)) {
            if (!wasCreated) {
                var unused =
                        over(new ClusterUnreachableException("no endpoint serves the watch; the last: " + lastTrouble));
                return;
            }
            tried.clear();
        }
        try {
            var unused = transport.timer().schedule(this::connect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            var unused = over(new ClientClosedException("watch"));
        }
    }

    /** Called by one network thread, but for {@link #abandon}. */
    private final class Listener extends ClientCall.Listener<WatchResponse> implements Connection.Attempt {
        private final Connection connection;
        private final ClientCall<WatchRequest, WatchResponse> call;

        Listener(Connection connection, ClientCall<WatchRequest, WatchResponse> call) {
            this.connection = connection;
            this.call = call;
        }

        @Override
        public void onMessage(WatchResponse response) {
            heard(connection, call, response);
            tellNews();
        }

        /** The member does not answer: the watch goes on with another one. */
        @Override
        public void abandon() {
            lost(connection, call, Status.UNAVAILABLE.withDescription("the member did not answer any more"));
            call.cancel("the member does not answer", null);
            tellNews();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            connection.leave(this);
            lost(connection, call, status);
            tellNews();
        }
    }
}

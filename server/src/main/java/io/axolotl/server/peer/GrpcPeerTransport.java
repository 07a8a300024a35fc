package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.peer.proto.LeaseReply;
import io.axolotl.server.peer.proto.LeaseRequest;
import io.axolotl.server.peer.proto.PeerGrpc;
import io.axolotl.server.peer.proto.ReadinessAnswer;
import io.axolotl.server.peer.proto.ReadinessRequest;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.server.wire.UnreadableRequests;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.axolotl.storage.statemachine.MemberAttributes;
import io.axolotl.storage.statemachine.Roster;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link PeerTransport} over gRPC streams: two links per peer and a snapshot streamer beside them, and the server that
 * listens for the others. Peers come, move and go with the {@link Roster}; one that greets before the roster names it is
 * answered at the address that it gives.
 *
 * <p>Safe for all threads.
 */
public final class GrpcPeerTransport implements PeerTransport, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GrpcPeerTransport.class);

    /** Above what the core keeps in flight to one follower, so that only a dead or very slow link ever drops. */
    private static final long ENTRIES_QUEUE_BYTES = 48 << 20;

    /** No link is cut for less silence: a busy machine can take that long. */
    private static final long LEAST_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long LEAST_CONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long CONTROL_QUEUE_BYTES = 4 << 20;
    private static final long BULK_PING_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long BULK_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Who was removed is spoken to for so many election timeouts more, to be told. */
    private static final int FAREWELL_ELECTIONS = 12;

    /** Peers that greeted without being in the roster; more than a cluster can have added in between. */
    private static final int MAX_GUESTS = 16;

    private static final long QUESTION_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final NodeId self;
    private final Settings settings;
    private final Handshake handshake;
    private final SnapshotStore snapshotStore;
    private final PeerInbox inbox;
    private final PeerObserver observer;
    private final FatalHandler fatal;
    private final Runnable onRemoved;
    private final ThreadFactory threads;
    private final PeerChannels channels;
    private final SnapshotInbox snapshotInbox;

    /** Shared by the transfers to all peers. */
    private final TokenBucket throttle;

    private final PeerService service;

    /** Changed under the lock of this object; looked into by all. */
    private final Map<NodeId, Peer> peers = new ConcurrentHashMap<>();

    private final Set<NodeId> guests = new HashSet<>();
    private final Set<NodeId> leaving = new HashSet<>();
    private volatile boolean withholdsSnapshots;
    private @Nullable Roster roster;
    private List<Server> servers = List.of();
    private boolean isStarted;
    private boolean isClosed;

    /** Everything that leads to one peer. */
    private record Peer(PeerAddress address, PeerLink entries, PeerLink control, SnapshotStreamer snapshots) {
        void start() {
            entries.start();
            control.start();
        }

        void close() {
            entries.close();
            control.close();
            snapshots.close();
        }
    }

    /**
     * @param heartbeatIntervalNanos how often a quiet control link asks for an echo
     * @param electionTimeoutNanos a control link is cut when its echo stays away for this long, or half a second
     * @param snapshotBytesPerSecond bound on what all snapshot transfers together send; 0 for none
     * @param security of the connections, in both directions
     * @param route where to connect to for a peer that says it listens there; asked before each connection
     */
    public record Settings(
            long heartbeatIntervalNanos,
            long electionTimeoutNanos,
            long snapshotBytesPerSecond,
            PeerSecurity security,
            UnaryOperator<PeerAddress> route) {}

    /**
     * @param questions answers what others ask of this node
     * @param onRemoved called, perhaps more than once, when a peer says that this node was removed from the cluster
     */
    public GrpcPeerTransport(
            NodeId self,
            Settings settings,
            Handshake handshake,
            SnapshotStore snapshotStore,
            PeerInbox inbox,
            PeerQuestions questions,
            PeerObserver observer,
            Runnable onRemoved,
            FatalHandler fatal) {
        this.self = self;
        this.settings = settings;
        this.handshake = handshake;
        this.snapshotStore = snapshotStore;
        this.inbox = inbox;
        this.observer = observer;
        this.fatal = fatal;
        this.onRemoved = onRemoved;
        this.threads = ProcessThreads.factory("axolotl-peer", fatal);
        this.throttle = new TokenBucket(settings.snapshotBytesPerSecond, System::nanoTime);
        // A quarter of an election timeout is several round trips on any network for which it was chosen.
        this.channels = new PeerChannels(
                threads, Math.max(settings.electionTimeoutNanos / 4, LEAST_CONNECT_NANOS), settings.security.tls());
        this.snapshotInbox = new SnapshotInbox(snapshotStore, inbox, observer, threads, SnapshotInbox.SILENCE_NANOS);
        this.service = new PeerService(handshake, inbox, observer, snapshotInbox, questions, this::isAlive, threads);
    }

    /**
     * Connects to whom the roster names, at the addresses that it gives, and lets go of whom it names no more: of one that
     * was removed a while later, so that it can be told.
     */
    public synchronized void follow(Roster now) {
        if (isClosed) {
            return;
        }
        roster = now;
        Set<NodeId> named = new HashSet<>();
        for (MemberAttributes member : now.toReach()) {
            NodeId id = new NodeId(member.id());
            PeerAddress address = PeerAddresses.firstOf(member.peerUrls());
            if (!id.equals(self) && address != null) {
                named.add(id);
                guests.remove(id);
                reach(id, address);
            }
        }
        for (NodeId id : peers.keySet()) {
            if (!named.contains(id) && !guests.contains(id) && leaving.add(id)) {
                channels.later(FAREWELL_ELECTIONS * settings.electionTimeoutNanos, () -> forget(id));
            }
        }
    }

    private void reach(NodeId id, PeerAddress address) {
        Peer known = peers.get(id);
        if (known != null && known.address.equals(address)) {
            return;
        }
        Peer peer = connect(id, address);
        peers.put(id, peer);
        if (known != null) {
            log.info("peer {} is reached at {} from now on, no more at {}", id, address, known.address);
            known.close();
        }
        if (isStarted) {
            peer.start();
        }
    }

    private synchronized void forget(NodeId id) {
        leaving.remove(id);
        Roster now = roster;
        boolean isNamed = now != null && now.toReach().stream().anyMatch(member -> member.id() == id.value());
        if (!isNamed) {
            Peer gone = peers.remove(id);
            if (gone != null) {
                letGo(id, gone);
                log.info("let go of peer {}, which is no member any more", id);
            }
        }
    }

    private Peer connect(NodeId peer, PeerAddress address) {
        var controlTimes = new PeerLink.LinkTimes(
                settings.heartbeatIntervalNanos, Math.max(settings.electionTimeoutNanos, LEAST_SILENCE_NANOS));
        var bulkTimes = new PeerLink.LinkTimes(BULK_PING_NANOS, BULK_SILENCE_NANOS);
        PeerLink entries =
                link(peer, Lane.ENTRIES, address, channels.entriesLoop(), bulkTimes, ENTRIES_QUEUE_BYTES, () -> {});
        PeerLink control = link(
                peer,
                Lane.CONTROL,
                address,
                channels.controlLoop(),
                controlTimes,
                CONTROL_QUEUE_BYTES,
                () -> entries.cut("the control connection to the same peer fell silent"));
        SnapshotStreamer streamer = new SnapshotStreamer(
                peer,
                () -> channel(address, channels.snapshotLoop()),
                handshake,
                snapshotStore,
                inbox,
                observer,
                threads,
                throttle,
                () -> withholdsSnapshots);
        return new Peer(address, entries, control, streamer);
    }

    private ManagedChannel channel(PeerAddress address, EventLoopGroup group) {
        return channels.channel(settings.route.apply(address), group);
    }

    private PeerLink link(
            NodeId peer,
            Lane lane,
            PeerAddress address,
            EventLoopGroup group,
            PeerLink.LinkTimes times,
            long queueBytes,
            Runnable onSilence) {
        return new PeerLink(
                peer,
                lane,
                () -> channel(address, group),
                group.next(),
                handshake,
                inbox,
                observer,
                fatal,
                times,
                queueBytes,
                () -> service.isTalking(peer),
                onSilence,
                onRemoved);
    }

    /**
     * Listens, and starts to connect.
     *
     * @param listen addresses for clear text, beside those of the settings for TLS
     * @return the addresses that are listened on, with the ports that were chosen where 0 was asked for
     * @throws IOException if an address cannot be listened on
     */
    public List<InetSocketAddress> start(List<InetSocketAddress> listen) throws IOException {
        List<Server> opened = channels.servers(
                listen, settings.security.listen(), UnreadableRequests.refusedBy(service.bindService()));
        synchronized (this) {
            servers = opened;
        }
        List<InetSocketAddress> listening = new ArrayList<>();
        for (Server server : opened) {
            server.start();
            server.getListenSockets().forEach(socket -> listening.add((InetSocketAddress) socket));
        }
        synchronized (this) {
            isStarted = true;
            peers.values().forEach(Peer::start);
        }
        inbox.reachable(PeerLink.MET_AGAIN_NANOS);
        log.info("listening for peers on {}", listening);
        return listening;
    }

    private void isAlive(NodeId from, List<String> peerUrls) {
        Peer peer = peers.get(from);
        if (peer != null) {
            peer.entries.hurry();
            peer.control.hurry();
        } else {
            receive(from, peerUrls);
        }
    }

    /** Somebody greets whom the roster does not name here yet: it is to be answered all the same. */
    private synchronized void receive(NodeId from, List<String> peerUrls) {
        PeerAddress address = PeerAddresses.firstOf(peerUrls);
        if (!isClosed && address != null && !peers.containsKey(from) && guests.size() < MAX_GUESTS) {
            log.info("peer {} at {} greets, and is not in the member list here yet", from, address);
            guests.add(from);
            reach(from, address);
            expireLater(from);
        }
    }

    /** Its links and transfers have something to tell until they have ended. */
    private void letGo(NodeId id, Peer gone) {
        gone.close();
        channels.later(LAST_WORDS_NANOS, () -> {
            if (!peers.containsKey(id)) {
                observer.forgotten(id);
            }
        });
    }

    private void expireLater(NodeId guest) {
        channels.later(FAREWELL_ELECTIONS * settings.electionTimeoutNanos, () -> expire(guest));
    }

    /** A guest that is never named must not keep its place for ever, or a few strangers would keep out a new member. */
    private synchronized void expire(NodeId guest) {
        if (isClosed || !guests.contains(guest)) {
            return;
        }
        if (service.isTalking(guest)) {
            expireLater(guest);
            return;
        }
        guests.remove(guest);
        Peer gone = peers.remove(guest);
        if (gone != null) {
            letGo(guest, gone);
            log.info("let go of peer {}, which has gone and was never in the member list here", guest);
        }
    }

    @Override
    public void send(Envelope envelope) {
        Peer peer = peers.get(envelope.to());
        if (peer == null) {
            return;
        }
        Message message = envelope.message();
        if (message instanceof Message.InstallSnapshot install) {
            peer.snapshots.begin(install);
            return;
        }
        boolean isBulk = message instanceof Message.AppendEntries || message instanceof Message.AppendEntriesResponse;
        PeerLink link = isBulk ? peer.entries : peer.control;
        link.offer(message, PeerLink.sizeBytes(message));
    }

    @Override
    public boolean forward(NodeId to, Forward forward) {
        Peer peer = peers.get(to);
        return peer != null && peer.entries.offer(forward, forward.sizeBytes());
    }

    @Override
    public void refuse(NodeId to, ForwardRefused refused) {
        Peer peer = peers.get(to);
        if (peer != null) {
            peer.entries.offer(refused, 16L * refused.numbers().length);
        }
    }

    @Override
    public void report(NodeId to, HistoryReport report) {
        Peer peer = peers.get(to);
        if (peer != null) {
            peer.entries.offer(report, report.sizeBytes());
        }
    }

    @Override
    public void withholdSnapshots(boolean itDoes) {
        withholdsSnapshots = itDoes;
        if (itDoes) {
            peers.values().forEach(peer -> peer.snapshots.breakOff());
        }
    }

    @Override
    public void askReadiness(NodeId leader, NodeId learner, Consumer<PeerQuestions.@Nullable Readiness> answer) {
        Peer peer = peers.get(leader);
        ManagedChannel connection = peer == null ? null : peer.control.connection();
        if (connection == null) {
            answer.accept(null);
            return;
        }
        PeerGrpc.newStub(connection)
                .withDeadlineAfter(QUESTION_NANOS, TimeUnit.NANOSECONDS)
                .askReadiness(
                        ReadinessRequest.newBuilder()
                                .setLearner(learner.value())
                                .build(),
                        new StreamObserver<>() {
                            private PeerQuestions.@Nullable Readiness readiness;

                            @Override
                            public void onNext(ReadinessAnswer said) {
                                readiness = switch (said.getReadiness()) {
                                    case NOT_LEADER -> PeerQuestions.Readiness.NOT_LEADER;
                                    case NOT_FOUND -> PeerQuestions.Readiness.NOT_FOUND;
                                    case NOT_READY -> PeerQuestions.Readiness.NOT_READY;
                                    case READY -> PeerQuestions.Readiness.READY;
                                    case UNSPECIFIED, UNRECOGNIZED -> null;
                                };
                            }

                            @Override
                            public void onError(Throwable cause) {
                                log.debug("peer {} did not say whether {} is ready", leader, learner, cause);
                                answer.accept(null);
                            }

                            @Override
                            public void onCompleted() {
                                answer.accept(readiness);
                            }
                        });
    }

    /** Beside the entries: renewals come in crowds, and must not hold up heartbeats. */
    @Override
    public void askLease(NodeId leader, LeaseQuestion question, Consumer<@Nullable LeaseAnswer> answer) {
        Peer peer = peers.get(leader);
        ManagedChannel connection = peer == null ? null : peer.entries.connection();
        if (connection == null) {
            answer.accept(null);
            return;
        }
        PeerGrpc.newStub(connection)
                .withDeadlineAfter(QUESTION_NANOS, TimeUnit.NANOSECONDS)
                .askLease(
                        LeaseRequest.newBuilder()
                                .setLease(question.id())
                                .setRenew(question.isRenewal())
                                .build(),
                        new StreamObserver<>() {
                            private @Nullable LeaseAnswer said;

                            @Override
                            public void onNext(LeaseReply reply) {
                                said = LeaseCodec.decode(reply);
                            }

                            @Override
                            public void onError(Throwable cause) {
                                log.debug("peer {} said nothing of a lease", leader, cause);
                                answer.accept(null);
                            }

                            @Override
                            public void onCompleted() {
                                answer.accept(said);
                            }
                        });
    }

    @Override
    public long connectedSinceNanos(NodeId peer) {
        Peer known = peers.get(peer);
        return known == null ? NOT_CONNECTED : known.control.connectedSinceNanos();
    }

    /** Ends all connections. What is queued is lost. */
    @Override
    public void close() {
        List<Server> listening;
        synchronized (this) {
            isClosed = true;
            listening = servers;
            peers.values().forEach(Peer::close);
        }
        listening.forEach(Server::shutdownNow);
        service.close();
        snapshotInbox.close();
        channels.close();
    }
}

package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Envelope;
import io.axolotl.raft.message.Message;
import io.axolotl.server.peer.proto.Lane;
import io.axolotl.server.stage.FatalHandler;
import io.axolotl.server.stage.ProcessThreads;
import io.axolotl.storage.snapshot.SnapshotStore;
import io.grpc.Server;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link PeerTransport} over gRPC streams: two links per peer and a snapshot streamer beside them, and the server that
 * listens for the others.
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

    private final Map<NodeId, Peer> peers = new TreeMap<>();
    private final PeerChannels channels;
    private final SnapshotInbox snapshotInbox;
    private final PeerService service;
    private @Nullable Server server;

    /** Everything that leads to one peer. */
    private record Peer(PeerLink entries, PeerLink control, SnapshotStreamer snapshots) {}

    /**
     * @param addresses where the other members listen
     * @param heartbeatIntervalNanos how often a quiet control link asks for an echo
     * @param electionTimeoutNanos a control link is cut when its echo stays away for this long, or half a second
     * @param snapshotBytesPerSecond bound on what a snapshot transfer sends
     */
    public record Settings(
            Map<NodeId, InetSocketAddress> addresses,
            long heartbeatIntervalNanos,
            long electionTimeoutNanos,
            long snapshotBytesPerSecond) {}

    public GrpcPeerTransport(
            Settings settings,
            Handshake handshake,
            SnapshotStore snapshotStore,
            PeerInbox inbox,
            PeerObserver observer,
            FatalHandler fatal) {
        ThreadFactory threads = ProcessThreads.factory("axolotl-peer", fatal);
        // A quarter of an election timeout is several round trips on any network for which it was chosen.
        this.channels = new PeerChannels(threads, Math.max(settings.electionTimeoutNanos / 4, LEAST_CONNECT_NANOS));
        this.snapshotInbox = new SnapshotInbox(snapshotStore, inbox, observer, threads);
        this.service = new PeerService(handshake, inbox, observer, snapshotInbox, this::isAlive, threads);
        var controlTimes = new PeerLink.LinkTimes(
                settings.heartbeatIntervalNanos, Math.max(settings.electionTimeoutNanos, LEAST_SILENCE_NANOS));
        var bulkTimes = new PeerLink.LinkTimes(BULK_PING_NANOS, BULK_SILENCE_NANOS);
        settings.addresses.forEach((peer, address) -> {
            PeerLink entries = link(
                    peer,
                    Lane.ENTRIES,
                    address,
                    channels.entriesLoop(),
                    handshake,
                    inbox,
                    observer,
                    fatal,
                    bulkTimes,
                    ENTRIES_QUEUE_BYTES,
                    () -> {});
            PeerLink control = link(
                    peer,
                    Lane.CONTROL,
                    address,
                    channels.controlLoop(),
                    handshake,
                    inbox,
                    observer,
                    fatal,
                    controlTimes,
                    CONTROL_QUEUE_BYTES,
                    () -> entries.cut("the control connection to the same peer fell silent"));
            SnapshotStreamer streamer = new SnapshotStreamer(
                    peer,
                    () -> channels.channel(address, channels.entriesLoop()),
                    handshake,
                    snapshotStore,
                    inbox,
                    observer,
                    threads,
                    settings.snapshotBytesPerSecond);
            peers.put(peer, new Peer(entries, control, streamer));
        });
    }

    private PeerLink link(
            NodeId peer,
            Lane lane,
            InetSocketAddress address,
            EventLoopGroup group,
            Handshake handshake,
            PeerInbox inbox,
            PeerObserver observer,
            FatalHandler fatal,
            PeerLink.LinkTimes times,
            long queueBytes,
            Runnable onSilence) {
        return new PeerLink(
                peer,
                lane,
                () -> channels.channel(address, group),
                group.next(),
                handshake,
                inbox,
                observer,
                fatal,
                times,
                queueBytes,
                () -> service.isTalking(peer),
                onSilence);
    }

    /**
     * Listens, and starts to connect.
     *
     * @return the addresses that are listened on, with the ports that were chosen where 0 was asked for
     * @throws IOException if an address cannot be listened on
     */
    public List<InetSocketAddress> start(List<InetSocketAddress> listen) throws IOException {
        Server started = channels.server(listen, service.bindService()).start();
        server = started;
        peers.values().forEach(peer -> {
            peer.entries.start();
            peer.control.start();
        });
        log.info("listening for peers on {}", started.getListenSockets());
        return started.getListenSockets().stream()
                .map(InetSocketAddress.class::cast)
                .toList();
    }

    private void isAlive(NodeId from) {
        Peer peer = peers.get(from);
        if (peer != null) {
            peer.entries.hurry();
            peer.control.hurry();
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
    public long connectedSinceNanos(NodeId peer) {
        Peer known = peers.get(peer);
        return known == null ? NOT_CONNECTED : known.control.connectedSinceNanos();
    }

    /** Ends all connections. What is queued is lost. */
    @Override
    public void close() {
        List<Peer> all = new ArrayList<>(peers.values());
        all.forEach(peer -> {
            peer.entries.close();
            peer.control.close();
            peer.snapshots.close();
        });
        if (server != null) {
            server.shutdownNow();
        }
        service.close();
        snapshotInbox.close();
        channels.close();
    }
}

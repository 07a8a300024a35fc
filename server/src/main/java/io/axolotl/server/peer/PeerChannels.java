package io.axolotl.server.peer;

import io.axolotl.client.transport.ClientTls;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.ports.ConnectionPlan;
import io.axolotl.server.tls.PortTls;
import io.axolotl.server.tls.TlsNegotiation;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one place that builds peer connections: sizes, time-outs, threads, and whatever secures them.
 *
 * <p>Owns its event loops: one each for entries, control and snapshots that leave, two for everything that arrives. Safe for all threads.
 */
public final class PeerChannels {
    /** More than the largest request that can become an entry, with room for a full AppendEntries around it. */
    private static final int MAX_FRAME_BYTES = 96 << 20;

    /** Big enough that a connection with some delay carries what the in-flight window of the core allows. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;

    /** A connection must have greeted within this time. */
    private static final int HANDSHAKE_TIMEOUT_SECONDS = 10;

    /** A connection without calls is told to go, and who needs it comes again: a member's are for calls, and mostly have one. */
    private static final int MAX_IDLE_MINUTES = 10;

    private final EventLoopGroup entriesLoop;
    private final EventLoopGroup controlLoop;
    private final EventLoopGroup snapshotLoop;
    private final EventLoopGroup acceptLoop;
    private final EventLoopGroup serverLoops;
    private final int connectTimeoutMillis;
    private final int maxAccepted;
    private final @Nullable PortTls tls;

    /** Made when it is needed. */
    private @Nullable SslContext connecting;

    /** For clear text. */
    public PeerChannels(ThreadFactory threads, long connectTimeoutNanos) {
        this(threads, connectTimeoutNanos, null);
    }

    /**
     * @param connectTimeoutNanos how long a connection attempt may go unanswered, as when packets are dropped
     * @param tls how connections are secured; if null, those to addresses with TLS trust whom the Java platform trusts
     */
    public PeerChannels(ThreadFactory threads, long connectTimeoutNanos, @Nullable PortTls tls) {
        this(threads, connectTimeoutNanos, tls, ConnectionPlan.ofProcess(0).members());
    }

    /** @param maxAccepted most connections at a time that come from others */
    PeerChannels(ThreadFactory threads, long connectTimeoutNanos, @Nullable PortTls tls, int maxAccepted) {
        this.tls = tls;
        this.maxAccepted = maxAccepted;
        this.entriesLoop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        this.controlLoop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        this.snapshotLoop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        this.acceptLoop = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
        this.serverLoops = new MultiThreadIoEventLoopGroup(2, threads, NioIoHandler.newFactory());
        this.connectTimeoutMillis = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(connectTimeoutNanos));
    }

    EventLoopGroup entriesLoop() {
        return entriesLoop;
    }

    EventLoopGroup controlLoop() {
        return controlLoop;
    }

    EventLoopGroup snapshotLoop() {
        return snapshotLoop;
    }

    /** A channel that connects when its first call is made. */
    ManagedChannel channel(PeerAddress address, EventLoopGroup loop) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(
                address.socket().getHostString(), address.socket().getPort());
        if (!address.isSecure()) {
            builder.usePlaintext();
        } else {
            builder.sslContext(connecting());
        }
        return builder.channelType(NioSocketChannel.class)
                .eventLoopGroup(loop)
                .directExecutor()
                .proxyDetector(target -> null)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectTimeoutMillis)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MAX_FRAME_BYTES)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .disableRetry()
                .build();
    }

    /** With nothing said of TLS a peer is trusted as anybody else is, as with etcd; it will mostly want to see a certificate. */
    private synchronized SslContext connecting() {
        if (connecting == null) {
            connecting = tls == null ? ClientTls.trustingThePlatform().context() : tls.connecting();
        }
        return connecting;
    }

    /** One for clear text, one for TLS, as far as there are addresses for it. Not started. */
    List<Server> servers(
            List<InetSocketAddress> clear, List<InetSocketAddress> secured, ServerServiceDefinition service) {
        List<Server> servers = new ArrayList<>();
        ConnectionBound bound = ConnectionBound.ofMembers(maxAccepted);
        if (!clear.isEmpty()) {
            servers.add(server(clear, InsecureServerCredentials.create(), bound, service));
        }
        if (!secured.isEmpty()) {
            servers.add(server(secured, TlsNegotiation.grpcAlone(Objects.requireNonNull(tls)), bound, service));
        }
        return servers;
    }

    private Server server(
            List<InetSocketAddress> listen,
            ServerCredentials credentials,
            ConnectionBound bound,
            ServerServiceDefinition service) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(listen.get(0), credentials);
        listen.stream().skip(1).forEach(builder::addListenAddress);
        return builder.channelFactory(bound.sockets())
                .bossEventLoopGroup(acceptLoop)
                .workerEventLoopGroup(serverLoops)
                .directExecutor()
                .handshakeTimeout(HANDSHAKE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .maxConnectionIdle(MAX_IDLE_MINUTES, TimeUnit.MINUTES)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MAX_FRAME_BYTES)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(service)
                .build();
    }

    /** Runs {@code work} on an event loop after a while, unless the loops have ended by then. */
    void later(long nanos, Runnable work) {
        Future<?> unused = controlLoop.schedule(work, nanos, TimeUnit.NANOSECONDS);
    }

    /** Ends the event loops after what they have been given. Does not wait. */
    void close() {
        for (EventLoopGroup loops : List.of(entriesLoop, controlLoop, snapshotLoop, acceptLoop, serverLoops)) {
            Future<?> unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}

package io.axolotl.server.http;

import io.axolotl.server.ports.Arrivals;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.tls.PortTls;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Listens for clients: gRPC calls go to the services, plain HTTP requests to the pages. Calls run on the event loops
 * themselves; a pool in between costs a quarter of the throughput.
 *
 * <p>Safe for all threads.
 */
public final class ClientPort {
    /** A connection must have said what it speaks, and finished its HTTP/2 greeting, within this time. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** grpc's default of 64 KiB makes a large put wait for window updates; more than this is only memory per client. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    /** What a message may be larger than the largest request, as with etcd: so that we, not grpc, refuse it. */
    private static final int MESSAGE_SLACK_BYTES = 512 * 1024;

    private final EventLoopGroup loops;
    private final HttpConnections http;

    /** One for clear text, one for TLS, as far as there are addresses for it. */
    private final List<Server> servers;

    /**
     * @param addresses where to listen in clear text; port 0 takes any free port
     * @param eventLoops threads that serve all connections
     * @param maxRequestBytes largest encoded command; messages may be somewhat larger
     * @param permitKeepAlive shortest time between pings that clients are allowed, with or without calls. grpc-java's own
     *     default of five minutes cuts off etcd's clients (contract D)
     * @param connections what each of them may hold
     * @param bound on connections of clients, which other ports may share
     * @param secured where to listen with TLS
     */
    public record Settings(
            List<InetSocketAddress> addresses,
            int eventLoops,
            int maxRequestBytes,
            Duration permitKeepAlive,
            HttpLimits http,
            ConnectionLimits connections,
            ConnectionBound bound,
            Secured secured) {
        public static final Duration PERMIT_KEEP_ALIVE = Duration.ofSeconds(5);
        private static final int STREAMS = 10_000;
        private static final int MANY = 1_000;

        /** In clear text alone, and with the standard limits. */
        public Settings(
                List<InetSocketAddress> addresses,
                int eventLoops,
                int maxRequestBytes,
                Duration permitKeepAlive,
                HttpLimits http) {
            this(
                    addresses,
                    eventLoops,
                    maxRequestBytes,
                    permitKeepAlive,
                    http,
                    ConnectionLimits.standard(STREAMS),
                    ConnectionBound.ofClients(MANY),
                    Secured.NONE);
        }
    }

    /**
     * Where TLS is spoken.
     *
     * @param tls null only if there are no addresses
     */
    public record Secured(
            List<InetSocketAddress> addresses, @Nullable PortTls tls) {
        public static final Secured NONE = new Secured(List.of(), null);
    }

    private ClientPort(EventLoopGroup loops, HttpConnections http, List<Server> servers) {
        this.loops = loops;
        this.http = http;
        this.servers = servers;
    }

    /** @throws IOException if an address cannot be bound */
    public static ClientPort open(
            Settings settings,
            List<ServerServiceDefinition> services,
            ServerStreamTracer.Factory tracer,
            Turnstile turnstile,
            HttpPages pages)
            throws IOException {
        Consumer<GrpcHttp2ConnectionHandler> preparation =
                connection -> Http2Turnstile.install(connection, turnstile, tracer);
        HttpConnections http = new HttpConnections(pages, settings.http());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), new DefaultThreadFactory("edge", true), Arrivals.loops());
        List<Server> servers = new ArrayList<>();
        try {
            if (!settings.addresses().isEmpty()) {
                ServerCredentials clear = SharedPort.clearText(http, preparation);
                servers.add(server(settings, settings.addresses(), clear, loops, services, tracer));
            }
            PortTls tls = settings.secured().tls();
            if (tls != null && !settings.secured().addresses().isEmpty()) {
                ServerCredentials secured = SharedPort.secured(tls, http, preparation);
                servers.add(server(settings, settings.secured().addresses(), secured, loops, services, tracer));
            }
            for (Server server : servers) {
                server.start();
            }
        } catch (IOException e) {
            servers.forEach(Server::shutdownNow);
            Future<?> unused = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
        return new ClientPort(loops, http, List.copyOf(servers));
    }

    private static Server server(
            Settings settings,
            List<InetSocketAddress> addresses,
            ServerCredentials credentials,
            EventLoopGroup loops,
            List<ServerServiceDefinition> services,
            ServerStreamTracer.Factory tracer) {
        ConnectionLimits limits = settings.connections();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(addresses.get(0), credentials)
                .channelFactory(settings.bound().sockets())
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .handshakeTimeout(HANDSHAKE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(settings.permitKeepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(true)
                // More than grpc-java counts is never.
                .keepAliveTime(
                        limits.pingAfter().isZero()
                                ? Long.MAX_VALUE
                                : limits.pingAfter().toNanos(),
                        TimeUnit.NANOSECONDS)
                .keepAliveTimeout(limits.pingTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .maxConnectionIdle(limits.maxIdle().toNanos(), TimeUnit.NANOSECONDS)
                .maxConcurrentCallsPerConnection(limits.maxStreams())
                .maxRstFramesPerWindow(
                        limits.maxResets(), (int) limits.resetWindow().toSeconds())
                .maxInboundMetadataSize(limits.maxHeaderBytes())
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(settings.maxRequestBytes() + MESSAGE_SLACK_BYTES)
                .addStreamTracerFactory(tracer);
        addresses.subList(1, addresses.size()).forEach(builder::addListenAddress);
        services.forEach(builder::addService);
        return builder.build();
    }

    /** Where it really listens: in clear text first, then with TLS, each in the order of the settings. */
    public List<? extends SocketAddress> addresses() {
        return servers.stream()
                .flatMap(server -> server.getListenSockets().stream())
                .toList();
    }

    /** Takes no new connections and no new calls; calls that are running may end. */
    public void shutdown() {
        servers.forEach(Server::shutdown);
        http.shutdown();
    }

    /** Waits for the calls that were running at {@link #shutdown}, then ends what is left and frees the port. */
    public void close(Duration grace) throws InterruptedException {
        shutdown();
        long deadlineNanos = System.nanoTime() + grace.toNanos();
        for (Server server : servers) {
            if (!server.awaitTermination(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                server.shutdownNow();
                server.awaitTermination(1, TimeUnit.SECONDS);
            }
        }
        if (!http.awaitClosed(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            http.closeNow();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS);
    }
}

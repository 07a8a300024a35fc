package io.axolotl.server.http;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
    private final Server grpc;

    /**
     * @param addresses where to listen; port 0 takes any free port
     * @param eventLoops threads that serve all connections
     * @param maxRequestBytes largest encoded command; messages may be somewhat larger
     * @param permitKeepAlive shortest time between pings that clients are allowed, with or without calls. grpc-java's own
     *     default of five minutes cuts off etcd's clients (contract D)
     */
    public record Settings(
            List<InetSocketAddress> addresses,
            int eventLoops,
            int maxRequestBytes,
            Duration permitKeepAlive,
            HttpLimits http) {
        public static final Duration PERMIT_KEEP_ALIVE = Duration.ofSeconds(5);
    }

    private ClientPort(EventLoopGroup loops, HttpConnections http, Server grpc) {
        this.loops = loops;
        this.http = http;
        this.grpc = grpc;
    }

    /** @throws IOException if an address cannot be bound */
    public static ClientPort open(
            Settings settings,
            List<ServerServiceDefinition> services,
            ServerStreamTracer.Factory tracer,
            HttpPages pages)
            throws IOException {
        HttpConnections http = new HttpConnections(pages, settings.http());
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), new DefaultThreadFactory("edge", true), NioIoHandler.newFactory());
        List<InetSocketAddress> addresses = settings.addresses();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(addresses.get(0), SharedPort.clearText(http))
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .handshakeTimeout(HANDSHAKE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(settings.permitKeepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(true)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(settings.maxRequestBytes() + MESSAGE_SLACK_BYTES)
                .addStreamTracerFactory(tracer);
        addresses.subList(1, addresses.size()).forEach(builder::addListenAddress);
        services.forEach(builder::addService);
        Server grpc = builder.build();
        try {
            grpc.start();
        } catch (IOException e) {
            grpc.shutdownNow();
            Future<?> unused = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
        return new ClientPort(loops, http, grpc);
    }

    /** Where it really listens, in the order of the settings. */
    public List<? extends SocketAddress> addresses() {
        return grpc.getListenSockets();
    }

    /** Takes no new connections and no new calls; calls that are running may end. */
    public void shutdown() {
        grpc.shutdown();
        http.shutdown();
    }

    /** Waits for the calls that were running at {@link #shutdown}, then ends what is left and frees the port. */
    public void close(Duration grace) throws InterruptedException {
        shutdown();
        long deadlineNanos = System.nanoTime() + grace.toNanos();
        if (!grpc.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
            grpc.shutdownNow();
            grpc.awaitTermination(1, TimeUnit.SECONDS);
        }
        if (!http.awaitClosed(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            http.closeNow();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS);
    }
}

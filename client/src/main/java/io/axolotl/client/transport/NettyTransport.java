package io.axolotl.client.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;

/**
 * Event loops, and gRPC channels that run on them. A channel leads to exactly one place, connects on its first
 * call, and takes answers of any size: a range without a limit must not fail on a default meant for chat messages. Safe for
 * all threads.
 */
public final class NettyTransport implements AutoCloseable {
    /** Streams share one connection; a large window keeps one long answer from stalling the others. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;

    /** Held here, since java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger NETTY_LOG = Logger.getLogger("io.netty");

    private static final Logger GRPC_LOG = Logger.getLogger("io.grpc");

    /**
     * How channels behave.
     *
     * @param connectTimeout most time for setting up one connection
     * @param keepAliveTime silence after which a connection with calls in flight is probed
     * @param keepAliveTimeout how long a probe may stay unanswered
     * @param authority sent as {@code :authority} instead of the place's own name
     * @param transparentRetry send a call again if the connection proves that the server never saw it; costs a little per
     *     call
     */
    public record Settings(
            Duration connectTimeout,
            Duration keepAliveTime,
            Duration keepAliveTimeout,
            Optional<String> authority,
            boolean transparentRetry) {}

    private final Settings settings;
    private final EventLoopGroup loops;

    /** Made when it is needed, unless it was given: reading the platform's authorities takes a while. */
    private @Nullable ClientTls tls;

    public NettyTransport(String threadName, int threads, Settings settings) {
        this(threadName, threads, settings, null);
    }

    /** @param tls for {@link #secureChannel}; null for servers that the Java platform trusts */
    public NettyTransport(String threadName, int threads, Settings settings, @Nullable ClientTls tls) {
        this.settings = settings;
        this.tls = tls;
        this.loops = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(threadName, true), NioIoHandler.newFactory());
    }

    /**
     * For command lines, whose output belongs to their user: netty and gRPC keep what they have to say to themselves unless it
     * is severe. Must be called before anything else of this class.
     */
    public static void quietLogs() {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        NETTY_LOG.setLevel(Level.SEVERE);
        GRPC_LOG.setLevel(Level.SEVERE);
    }

    /**
     * Has connections say what they do.
     *
     * @param to where lines of text go
     * @return makes them quiet again
     */
    public static Runnable loudLogs(OutputStream to) {
        @Nullable Level before = GRPC_LOG.getLevel();
        StreamHandler handler = new StreamHandler(to, new SimpleFormatter()) {
            @Override
            public synchronized void publish(LogRecord line) {
                super.publish(line);
                flush();
            }
        };
        handler.setLevel(Level.ALL);
        GRPC_LOG.addHandler(handler);
        GRPC_LOG.setLevel(Level.ALL);
        return () -> {
            GRPC_LOG.setLevel(before);
            GRPC_LOG.removeHandler(handler);
        };
    }

    /** A new channel to one place, in clear text; the caller shuts it down before this transport. */
    public ManagedChannel channel(String host, int port) {
        return channel(NettyChannelBuilder.forAddress(host, port).usePlaintext());
    }

    /** The same with TLS. The server's certificate must be for the host, or for the authority that is sent instead. */
    public ManagedChannel secureChannel(String host, int port) {
        return channel(NettyChannelBuilder.forAddress(host, port).sslContext(tls().context()));
    }

    private synchronized ClientTls tls() {
        if (tls == null) {
            tls = ClientTls.trustingThePlatform();
        }
        return tls;
    }

    private ManagedChannel channel(NettyChannelBuilder builder) {
        builder.eventLoopGroup(loops)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .intercept(new BrokenConnection())
                .disableServiceConfigLookUp()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, settings.connectTimeout.toMillis()))
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .keepAliveTime(settings.keepAliveTime.toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(settings.keepAliveTimeout.toNanos(), TimeUnit.NANOSECONDS);
        settings.authority.ifPresent(builder::overrideAuthority);
        if (!settings.transparentRetry) {
            builder.disableRetry();
        }
        return builder.build();
    }

    /** Runs things later, on an event loop: they must not block. */
    public ScheduledExecutorService timer() {
        return loops;
    }

    /** Whether the calling thread is one of the event loops, which must never wait for a call. */
    public boolean onNetworkThread() {
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /** Ends the event loops soon, without waiting: they still carry the last words of the channels. */
    @Override
    public void close() {
        var unused = loops.shutdownGracefully(100, 1_000, TimeUnit.MILLISECONDS);
    }
}

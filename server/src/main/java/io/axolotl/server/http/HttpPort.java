package io.axolotl.server.http;

import io.axolotl.server.ports.Arrivals;
import io.axolotl.server.ports.ConnectionBound;
import io.axolotl.server.tls.PortTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Listens for plain HTTP alone: {@code --listen-client-http-urls} and {@code --listen-metrics-urls}. It has a thread of its
 * own, so that a scrape is answered however busy the client port is.
 *
 * <p>Safe for all threads.
 */
public final class HttpPort {
    private static final int BACKLOG = 128;

    private final EventLoopGroup loop;
    private final HttpConnections http;
    private final ConnectionBound bound;
    private final ChannelGroup listening = new DefaultChannelGroup("http-listen", GlobalEventExecutor.INSTANCE);
    private final List<SocketAddress> addresses = new ArrayList<>();

    private HttpPort(EventLoopGroup loop, HttpConnections http, ConnectionBound bound) {
        this.loop = loop;
        this.bound = bound;
        this.http = http;
    }

    /**
     * @param addresses where to listen in clear text; port 0 takes any free port
     * @param secured where to listen with TLS
     * @param bound on connections, which other ports may share
     * @throws IOException if an address cannot be bound
     */
    public static HttpPort open(
            String threadName,
            List<InetSocketAddress> addresses,
            ClientPort.Secured secured,
            ConnectionBound bound,
            HttpLimits limits,
            HttpPages pages)
            throws IOException {
        HttpConnections http = new HttpConnections(pages, limits);
        HttpPort port = new HttpPort(
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(threadName, true), Arrivals.loops()),
                http,
                bound);
        PortTls tls = secured.tls();
        for (InetSocketAddress address : addresses) {
            port.listen(address, null);
        }
        for (InetSocketAddress address : secured.addresses()) {
            port.listen(address, tls);
        }
        return port;
    }

    /** @param tls null for clear text */
    private void listen(InetSocketAddress address, @Nullable PortTls tls) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channelFactory(bound.sockets())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            tls.secure(channel.pipeline());
                        }
                        http.adopt(channel.pipeline());
                    }
                });
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stopListening();
            throw new IOException(address + ": " + bound.cause().getMessage(), bound.cause());
        }
        listening.add(bound.channel());
        addresses.add(bound.channel().localAddress());
    }

    private void stopListening() {
        ChannelGroupFuture unusedEnd = listening.close().awaitUninterruptibly();
        Future<?> unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    /** Where it really listens: in clear text first, then with TLS, each in the order given. */
    public List<SocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Takes no new connections; answers that are under way may end. */
    public void shutdown() {
        ChannelGroupFuture unused = listening.close();
        http.shutdown();
    }

    /** Waits for the answers that were under way at {@link #shutdown}, then ends what is left. */
    public void close(Duration grace) throws InterruptedException {
        shutdown();
        if (!http.awaitClosed(grace.toNanos(), TimeUnit.NANOSECONDS)) {
            http.closeNow();
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(2, TimeUnit.SECONDS);
    }
}

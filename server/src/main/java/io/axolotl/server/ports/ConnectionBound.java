package io.axolotl.server.ports;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of all ports that it makes sockets for, and closes those that are too many, whatever they speak: before
 * a byte of them is read.
 *
 * <p>Safe for all threads.
 */
public final class ConnectionBound {
    private static final Logger log = LoggerFactory.getLogger(ConnectionBound.class);

    private final int most;
    private final String whose;
    private final String advice;
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean isFull;

    /**
     * @param most at a time
     * @param whose they are, for the log
     * @param advice what to do if there are too many
     */
    public ConnectionBound(int most, String whose, String advice) {
        this.most = most;
        this.whose = whose;
        this.advice = advice;
    }

    /** Of clients, on all the ports that serve them. */
    public static ConnectionBound ofClients(int most) {
        return new ConnectionBound(most, "clients", "see --max-client-connections and the limit on open files");
    }

    /** Of who reads metrics, so that they are read when there are too many clients. */
    public static ConnectionBound ofScrapers(int most) {
        return new ConnectionBound(most, "scrapers", "let none but those that need it reach --listen-metrics-urls");
    }

    /** Of members. */
    public static ConnectionBound ofMembers(int most) {
        return new ConnectionBound(
                most,
                "members",
                "let none but members reach --listen-peer-urls, by a firewall or by --peer-client-cert-auth");
    }

    /** Makes sockets that listen and pass on no more than that. */
    public ChannelFactory<ServerChannel> sockets() {
        return () -> new Socket(this);
    }

    private boolean enter() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        tell();
        return false;
    }

    private void leave() {
        if (open.decrementAndGet() < most * 9L / 10) {
            isFull = false;
        }
    }

    /** Once, until there is room again. */
    private void tell() {
        if (!isFull) {
            isFull = true;
            log.warn("closing new connections of {}: {} are open, and no more are permitted; {}", whose, most, advice);
        }
    }

    /** Confined to the event loop that accepts. */
    private static final class Socket extends NioServerSocketChannel {
        private final ConnectionBound bound;

        Socket(ConnectionBound bound) {
            this.bound = bound;
        }

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int count = super.doReadMessages(accepted);
            if (count > 0) {
                SocketChannel channel = (SocketChannel) accepted.get(accepted.size() - 1);
                if (bound.enter()) {
                    channel.pipeline().addFirst(new Arrivals());
                    var unused = channel.closeFuture().addListener(closed -> bound.leave());
                } else {
                    accepted.remove(accepted.size() - 1);
                    channel.unsafe().closeForcibly();
                }
            }
            return count;
        }
    }
}

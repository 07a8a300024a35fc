package io.axolotl.server.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts connections, whatever they speak, and closes those that are too many. Safe for all threads.
 */
final class Admission {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    private final int maxConnections;
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean isFull;

    Admission(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    /** Lets {@code next} begin with a connection that has its place. */
    ChannelHandler before(ChannelHandler next) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext context) {
                if (open.incrementAndGet() > maxConnections) {
                    open.decrementAndGet();
                    tell();
                    ChannelFuture unused = context.close();
                    return;
                }
                ChannelFuture unused = context.channel().closeFuture().addListener(closed -> leave());
                context.pipeline().replace(this, null, next);
            }
        };
    }

    private void leave() {
        if (open.decrementAndGet() < maxConnections * 9L / 10) {
            isFull = false;
        }
    }

    /** Once, until there is room again. */
    private void tell() {
        if (!isFull) {
            isFull = true;
            log.warn(
                    "closing new connections of clients: {} are open, and no more are permitted; see --max-client-connections",
                    maxConnections);
        }
    }
}

package io.axolotl.server.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/**
 * All plain HTTP connections of a port. grpc has forgotten them, so their graceful end is ours: idle ones are closed,
 * busy ones finish their answer first.
 *
 * <p>Safe for all threads.
 */
final class HttpConnections {
    private static final int MAX_REQUEST_LINE_BYTES = 4096;

    /** A client that watches and is gone without a word is noticed by the operating system, after two minutes of silence. */
    private static final int PROBE_AFTER_SECONDS = 60;

    private static final int PROBE_EVERY_SECONDS = 15;
    private static final int PROBES = 4;

    private final HttpPages pages;
    private final HttpLimits limits;

    /** Of bodies that arrive or are being answered, and of answers that are not taken yet. */
    private final HttpBudget budget;

    private final ChannelGroup open = new DefaultChannelGroup("http", GlobalEventExecutor.INSTANCE);
    private volatile boolean isDraining;

    HttpConnections(HttpPages pages, HttpLimits limits) {
        this.pages = pages;
        this.limits = limits;
        this.budget = new HttpBudget(limits.maxHeldBytes());
    }

    /**
     * Takes a connection away from grpc. The handlers behind {@code here} are grpc's and would close the channel at the
     * first bytes they see. Being told that its handler stays unused, grpc forgets the connection and its handshake timer.
     * On the event loop of the channel.
     */
    void take(ChannelHandlerContext context, ChannelHandler here, GrpcHttp2ConnectionHandler grpc) {
        ChannelPipeline pipeline = context.pipeline();
        while (pipeline.last() != here) {
            pipeline.removeLast();
        }
        adopt(pipeline);
        grpc.notifyUnused();
        pipeline.remove(here);
    }

    /** Answers plain requests among the calls of an HTTP/2 connection. */
    void serveAmong(GrpcHttp2ConnectionHandler grpc) {
        Http2Pages.install(grpc, pages, limits, budget);
    }

    /** Makes a channel, stripped of all other handlers but the first ones, an HTTP/1.1 connection. */
    void adopt(ChannelPipeline pipeline) {
        noticeTheDead(pipeline.channel());
        Http1Deadlines deadlines = new Http1Deadlines(limits);
        pipeline.addLast(deadlines);
        pipeline.addLast(new HttpServerCodec(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxHeaderSize(limits.maxHeaderBytes())));
        Http1Connection connection = new Http1Connection(pages, limits, budget, deadlines, () -> isDraining);
        pipeline.addLast(new Http1Collector(limits, budget, connection::isStreaming));
        pipeline.addLast(connection);
        open.add(pipeline.channel());
    }

    private static void noticeTheDead(Channel channel) {
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), PROBE_AFTER_SECONDS);
        channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), PROBE_EVERY_SECONDS);
        channel.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
    }

    /** Of requests and answers of all connections. */
    long heldBytes() {
        return budget.heldBytes();
    }

    /** Closes what is idle and lets the rest close after its present answer. */
    void shutdown() {
        isDraining = true;
        for (Channel channel : open) {
            channel.eventLoop().execute(() -> {
                Http1Connection connection = channel.pipeline().get(Http1Connection.class);
                if (connection != null) {
                    connection.closeIfIdle();
                }
            });
        }
    }

    boolean awaitClosed(long timeout, TimeUnit unit) throws InterruptedException {
        return open.newCloseFuture().await(timeout, unit);
    }

    void closeNow() {
        ChannelGroupFuture unused = open.close();
    }
}

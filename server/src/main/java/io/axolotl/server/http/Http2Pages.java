package io.axolotl.server.http;

import io.grpc.internal.GrpcUtil;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Plain requests among the calls of an HTTP/2 connection: browsers and curl choose HTTP/2 under TLS. A stream whose content
 * type is not gRPC's is a request for a page ({@link Http2Exchange}); all others go on to grpc untouched.
 *
 * <p>A connection has few requests at a time; more are refused with {@code REFUSED_STREAM}, upon which clients come again.
 * What they hold is taken from the budget of all plain HTTP connections, and each has deadlines: so what a client that
 * never reads can make us hold is bounded, as with HTTP/1.1.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http2Pages extends Http2Branch<Http2Exchange> {
    /** Enough for any browser; calls of gRPC do not count. */
    private static final int MAX_OPEN = 100;

    private final GrpcHttp2ConnectionHandler grpc;
    private final HttpPages pages;
    private final HttpLimits limits;
    private final HttpBudget budget;
    private int open;

    private Http2Pages(GrpcHttp2ConnectionHandler grpc, HttpPages pages, HttpLimits limits, HttpBudget budget) {
        super(grpc);
        this.grpc = grpc;
        this.pages = pages;
        this.limits = limits;
        this.budget = budget;
        grpc.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Http2Exchange exchange = taken(stream);
                if (exchange != null) {
                    open--;
                    exchange.closed();
                }
            }
        });
    }

    /** Before the first frame is read. */
    static void install(GrpcHttp2ConnectionHandler grpc, HttpPages pages, HttpLimits limits, HttpBudget budget) {
        grpc.decoder().frameListener(new Http2Pages(grpc, pages, limits, budget));
    }

    @Override
    boolean begins(ChannelHandlerContext context, Http2Stream stream, Http2Headers headers, boolean isEnd) {
        CharSequence type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        if (headers.path() == null || (type != null && GrpcUtil.isGrpcContentType(type.toString()))) {
            return false;
        }
        if (open >= MAX_OPEN) {
            var unused = grpc.resetStream(context, stream.id(), Http2Error.REFUSED_STREAM.code(), context.newPromise());
            grpc.flush(context);
            return true;
        }
        open++;
        Http2Exchange begun = new Http2Exchange(grpc, context, stream.id(), headers, pages, limits, budget);
        take(stream, begun);
        begun.arrived(isEnd);
        return true;
    }

    @Override
    void trailed(Http2Exchange taken, boolean isEnd) {
        // Nothing of it is needed but that it ends.
        taken.arrived(isEnd);
    }

    @Override
    void received(Http2Exchange taken, ByteBuf data, boolean isEnd) {
        taken.received(data, isEnd);
    }
}

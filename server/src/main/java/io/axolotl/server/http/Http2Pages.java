package io.axolotl.server.http;

import io.grpc.internal.GrpcUtil;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

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
final class Http2Pages extends Http2FrameListenerDecorator {
    /** Enough for any browser; calls of gRPC do not count. */
    private static final int MAX_OPEN = 100;

    private final GrpcHttp2ConnectionHandler grpc;
    private final HttpPages pages;
    private final HttpLimits limits;
    private final HttpBudget budget;
    private final Http2Connection.PropertyKey key;
    private int open;

    private Http2Pages(
            GrpcHttp2ConnectionHandler grpc,
            HttpPages pages,
            HttpLimits limits,
            HttpBudget budget,
            Http2FrameListener calls) {
        super(calls);
        this.grpc = grpc;
        this.pages = pages;
        this.limits = limits;
        this.budget = budget;
        this.key = grpc.connection().newKey();
        grpc.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Http2Exchange exchange = stream.getProperty(key);
                if (exchange != null) {
                    open--;
                    exchange.closed();
                }
            }
        });
    }

    /** Before the first frame is read. */
    static void install(GrpcHttp2ConnectionHandler grpc, HttpPages pages, HttpLimits limits, HttpBudget budget) {
        grpc.decoder()
                .frameListener(new Http2Pages(
                        grpc, pages, limits, budget, grpc.decoder().frameListener()));
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean isEnd)
            throws Http2Exception {
        if (!begins(context, id, headers, isEnd)) {
            super.onHeadersRead(context, id, headers, padding, isEnd);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int id,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean isExclusive,
            int padding,
            boolean isEnd)
            throws Http2Exception {
        if (!begins(context, id, headers, isEnd)) {
            super.onHeadersRead(context, id, headers, dependency, weight, isExclusive, padding, isEnd);
        }
    }

    /** @return whether the stream is ours */
    private boolean begins(ChannelHandlerContext context, int id, Http2Headers headers, boolean isEnd) {
        Http2Exchange known = exchange(id);
        if (known != null) {
            // Trailers, of which nothing is needed.
            known.arrived(isEnd);
            return true;
        }
        CharSequence type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        Http2Stream stream = grpc.connection().stream(id);
        if (stream == null || headers.path() == null || (type != null && GrpcUtil.isGrpcContentType(type.toString()))) {
            return false;
        }
        if (open >= MAX_OPEN) {
            var unused = grpc.resetStream(context, id, Http2Error.REFUSED_STREAM.code(), context.newPromise());
            grpc.flush(context);
            return true;
        }
        open++;
        Http2Exchange begun = new Http2Exchange(grpc, context, id, headers, pages, limits, budget);
        stream.setProperty(key, begun);
        begun.arrived(isEnd);
        return true;
    }

    private @Nullable Http2Exchange exchange(int id) {
        Http2Stream stream = grpc.connection().stream(id);
        return stream == null ? null : stream.getProperty(key);
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean isEnd)
            throws Http2Exception {
        Http2Exchange exchange = exchange(id);
        if (exchange == null) {
            return super.onDataRead(context, id, data, padding, isEnd);
        }
        int bytes = data.readableBytes() + padding;
        exchange.received(data, isEnd);
        return bytes;
    }
}

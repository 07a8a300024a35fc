package io.axolotl.server.http;

import io.grpc.internal.GrpcUtil;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Plain requests among the calls of an HTTP/2 connection: browsers and curl choose HTTP/2 under TLS. A stream whose content
 * type is not gRPC's is a request for a page; all others go on to grpc untouched.
 *
 * <p>A connection has few requests at a time, and each a deadline for its body and for the taking of its answer; more are
 * refused with {@code REFUSED_STREAM}, upon which clients come again. So what a client that never reads can make us hold is
 * bounded, as with HTTP/1.1.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http2Pages extends Http2FrameListenerDecorator {
    /** Enough for any browser; calls of gRPC do not count. */
    private static final int MAX_OPEN = 100;

    private final GrpcHttp2ConnectionHandler grpc;
    private final HttpPages pages;
    private final HttpLimits limits;
    private final Http2Connection.PropertyKey key;
    private int open;

    private Http2Pages(GrpcHttp2ConnectionHandler grpc, HttpPages pages, HttpLimits limits, Http2FrameListener calls) {
        super(calls);
        this.grpc = grpc;
        this.pages = pages;
        this.limits = limits;
        this.key = grpc.connection().newKey();
    }

    /** Before the first frame is read. */
    static void install(GrpcHttp2ConnectionHandler grpc, HttpPages pages, HttpLimits limits) {
        grpc.decoder()
                .frameListener(
                        new Http2Pages(grpc, pages, limits, grpc.decoder().frameListener()));
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
        Exchange known = exchange(id);
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
            ChannelFuture unused =
                    grpc.encoder().writeRstStream(context, id, Http2Error.REFUSED_STREAM.code(), context.newPromise());
            grpc.flush(context);
            return true;
        }
        open++;
        Exchange begun = new Exchange(context, id, headers);
        stream.setProperty(key, begun);
        begun.arrived(isEnd);
        return true;
    }

    private @Nullable Exchange exchange(int id) {
        Http2Stream stream = grpc.connection().stream(id);
        return stream == null ? null : stream.getProperty(key);
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean isEnd)
            throws Http2Exception {
        Exchange exchange = exchange(id);
        if (exchange == null) {
            return super.onDataRead(context, id, data, padding, isEnd);
        }
        exchange.received(data.readableBytes(), isEnd);
        return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int id, long code) throws Http2Exception {
        Exchange exchange = exchange(id);
        if (exchange != null) {
            exchange.end();
        }
        // grpc counts resets, whatever stream they are for.
        super.onRstStreamRead(context, id, code);
    }

    /** One request. Confined to the event loop, but for {@link #send}. */
    private final class Exchange implements HttpExchange {
        private final ChannelHandlerContext context;
        private final int id;
        private final String method;
        private final QueryStringDecoder target;
        private final AtomicBoolean isAnswered = new AtomicBoolean();
        private int bodyBytes;
        private boolean isServed;
        private boolean isOver;
        private @Nullable ScheduledFuture<?> deadline;

        Exchange(ChannelHandlerContext context, int id, Http2Headers headers) {
            this.context = context;
            this.id = id;
            CharSequence named = headers.method();
            this.method = named == null ? "" : named.toString();
            this.target = new QueryStringDecoder(String.valueOf(headers.path()));
            expectWithin(limits.requestTimeout());
        }

        private void expectWithin(Duration timeout) {
            stopClock();
            deadline = context.executor().schedule(this::giveUp, timeout.toNanos(), TimeUnit.NANOSECONDS);
        }

        private void stopClock() {
            if (deadline != null) {
                deadline.cancel(false);
                deadline = null;
            }
        }

        private void giveUp() {
            if (!isOver) {
                end();
                ChannelFuture unused =
                        grpc.encoder().writeRstStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
                grpc.flush(context);
            }
        }

        /** Gives its place to another request. */
        void end() {
            if (!isOver) {
                isOver = true;
                open--;
                stopClock();
            }
        }

        /** What pages read is in the target, so a body is only counted. */
        void received(int bytes, boolean isEnd) {
            bodyBytes += bytes;
            if (bodyBytes > limits.maxBodyBytes() && !isServed) {
                isServed = true;
                send(HttpAnswer.text(413, "413 Request Entity Too Large"));
            } else {
                arrived(isEnd);
            }
        }

        void arrived(boolean isEnd) {
            if (!isEnd || isServed) {
                return;
            }
            isServed = true;
            stopClock();
            if (isUndecodable()) {
                send(HttpAnswer.text(400, "400 Bad Request"));
            } else {
                pages.serve(this);
            }
        }

        private boolean isUndecodable() {
            try {
                target.path();
                target.parameters();
                return false;
            } catch (IllegalArgumentException e) {
                return true;
            }
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String path() {
            return target.path();
        }

        @Override
        public List<String> query(String name) {
            return target.parameters().getOrDefault(name, List.of());
        }

        @Override
        public void send(HttpAnswer answer) {
            if (!isAnswered.compareAndSet(false, true)) {
                throw new IllegalStateException("request " + target.path() + " was answered before");
            }
            if (context.executor().inEventLoop()) {
                write(answer);
            } else {
                context.executor().execute(() -> write(answer));
            }
        }

        private void write(HttpAnswer answer) {
            if (isOver || grpc.connection().stream(id) == null) {
                end();
                return;
            }
            Http2Headers headers = new DefaultHttp2Headers()
                    .status(Integer.toString(answer.status()))
                    .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                    .set("x-content-type-options", "nosniff");
            if (!answer.allow().isEmpty()) {
                headers.set(HttpHeaderNames.ALLOW, answer.allow());
            }
            expectWithin(limits.writeTimeout());
            ChannelFuture unused = grpc.encoder().writeHeaders(context, id, headers, 0, false, context.newPromise());
            ChannelFuture unusedBody = grpc.encoder()
                    .writeData(context, id, Unpooled.wrappedBuffer(answer.body()), 0, true, context.newPromise())
                    .addListener(written -> end());
            grpc.flush(context);
        }
    }
}

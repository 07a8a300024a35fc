package io.axolotl.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1.1 connection. Requests may be pipelined: one is answered at a time, in order, and the next once the client
 * has taken that answer; some are read ahead, then reading stops until the queue is short again. So a connection holds
 * one answer, whatever the client asks for and however slowly it reads.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http1Connection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(Http1Connection.class);

    private final HttpPages pages;
    private final HttpLimits limits;
    private final Http1Deadlines deadlines;
    private final BooleanSupplier isDraining;
    private final Queue<Http1Exchange> waiting = new ArrayDeque<>();
    private @Nullable Http1Exchange answering;
    private boolean isDispatching;

    /** An answer said that it is the last of this connection. */
    private boolean isEnding;

    private @Nullable ChannelHandlerContext context;

    Http1Connection(HttpPages pages, HttpLimits limits, Http1Deadlines deadlines, BooleanSupplier isDraining) {
        this.pages = pages;
        this.limits = limits;
        this.deadlines = deadlines;
        this.isDraining = isDraining;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        deadlines.requested();
        waiting.add(new Http1Exchange(context, request));
        if (waiting.size() >= limits.maxPipelined()) {
            context.channel().config().setAutoRead(false);
        }
        answerWaiting();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.warn("closing HTTP connection of {}: {}", context.channel().remoteAddress(), cause.toString());
        }
        ChannelFuture unused = context.close();
    }

    /** For the graceful end of the server. */
    void closeIfIdle() {
        if (answering == null && context != null) {
            ChannelFuture unused = context.close();
        }
    }

    /** Answers in order, as far as answers come at once; a loop and no recursion, for there may be many. */
    private void answerWaiting() {
        if (isDispatching) {
            return;
        }
        isDispatching = true;
        while (answering == null && !isEnding && !waiting.isEmpty()) {
            answering = waiting.remove();
            HttpAnswer refusal = answering.refusal();
            if (refusal == null) {
                pages.serve(answering);
            } else {
                answering.send(refusal);
            }
        }
        isDispatching = false;
        if (answering == null && !isEnding) {
            deadlines.answered();
        }
    }

    /** The client has taken the answer, or will never do so. */
    private void written(ChannelFuture written, boolean isLast) {
        answering = null;
        isEnding = isLast || !written.isSuccess();
        if (isEnding) {
            ChannelFuture unused = written.channel().close();
        } else {
            deadlines.answering();
            if (context != null && waiting.size() < limits.maxPipelined()) {
                context.channel().config().setAutoRead(true);
            }
            answerWaiting();
        }
    }

    /** One request of this connection. */
    private final class Http1Exchange implements HttpExchange {
        private final ChannelHandlerContext context;
        private final String method;
        private final QueryStringDecoder target;
        private final boolean isKeepAlive;
        private final @Nullable Throwable malformed;
        private final AtomicBoolean isAnswered = new AtomicBoolean();

        Http1Exchange(ChannelHandlerContext context, FullHttpRequest request) {
            this.context = context;
            this.method = request.method().name();
            this.target = new QueryStringDecoder(request.uri());
            this.malformed = request.decoderResult().isSuccess()
                    ? undecodable(target)
                    : request.decoderResult().cause();
            this.isKeepAlive = HttpUtil.isKeepAlive(request) && malformed == null;
        }

        /** Percent signs that begin no character; found here so that no page meets them. */
        private static @Nullable Throwable undecodable(QueryStringDecoder target) {
            try {
                target.path();
                target.parameters();
                return null;
            } catch (IllegalArgumentException e) {
                return e;
            }
        }

        /** What is answered to bytes that are no request; the connection ends after it. */
        @Nullable HttpAnswer refusal() {
            if (malformed == null) {
                return null;
            }
            return malformed instanceof TooLongFrameException
                    ? HttpAnswer.text(431, "431 Request Header Fields Too Large")
                    : HttpAnswer.text(400, "400 Bad Request");
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
            boolean isLast = !isKeepAlive || isDraining.getAsBoolean();
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(answer.status()),
                    Unpooled.wrappedBuffer(answer.body()));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
                    .set("x-content-type-options", "nosniff");
            if (!answer.allow().isEmpty()) {
                response.headers().set(HttpHeaderNames.ALLOW, answer.allow());
            }
            if (isLast) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            deadlines.writing();
            ChannelFuture unused = context.writeAndFlush(response)
                    .addListener((ChannelFutureListener) written -> written(written, isLast));
        }
    }
}

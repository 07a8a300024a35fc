package io.axolotl.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request of an {@link Http1Connection}. The public methods are safe for all threads and hop to the event loop of the
 * channel, to which all else is confined.
 */
final class Http1Exchange implements HttpExchange {
    /** Answers up to this size are sent even when the budget is used up: that a member is sick must not be kept back. */
    static final int FREE_ANSWER_BYTES = 4096;

    private final Http1Connection connection;
    private final ChannelHandlerContext context;
    private final HttpRequest head;
    private final QueryStringDecoder target;
    private final byte[] body;
    private final @Nullable HttpAnswer refusal;
    private final boolean isKeepAlive;
    private final List<Map.Entry<String, String>> added = new ArrayList<>();
    private final AtomicBoolean isAnswered = new AtomicBoolean();

    /** Of the budget: of the request, and of what is on its way out. */
    private long heldBytes;

    private boolean isOver;
    private @Nullable Runnable onGone;

    Http1Exchange(Http1Connection connection, ChannelHandlerContext context, Http1Request request) {
        this.connection = connection;
        this.context = context;
        this.head = request.head();
        this.target = new QueryStringDecoder(head.uri());
        this.body = request.body();
        this.heldBytes = body.length;
        this.refusal = request.refusal() == null ? undecodable(target) : request.refusal();
        this.isKeepAlive = refusal == null && HttpUtil.isKeepAlive(head);
    }

    /** Percent signs that begin no character; found here so that no page meets them. */
    private static @Nullable HttpAnswer undecodable(QueryStringDecoder target) {
        try {
            target.path();
            target.parameters();
            return null;
        } catch (IllegalArgumentException e) {
            return HttpAnswer.text(400, "400 Bad Request");
        }
    }

    /** What is answered to bytes that are no request; the connection ends after it. */
    @Nullable HttpAnswer refusal() {
        return refusal;
    }

    long heldBytes() {
        return heldBytes;
    }

    /** The connection is closed. */
    void gone() {
        isOver = true;
        if (onGone != null) {
            onGone.run();
            onGone = null;
        }
    }

    @Override
    public String method() {
        return head.method().name();
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
    public List<String> header(String name) {
        return head.headers().getAll(name);
    }

    @Override
    public List<Map.Entry<String, String>> headers() {
        return head.headers().entries();
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public SocketAddress client() {
        return context.channel().remoteAddress();
    }

    @Override
    public boolean isEncrypted() {
        return context.pipeline().get(SslHandler.class) != null;
    }

    @Override
    public Executor executor() {
        return context.executor();
    }

    @Override
    public void addHeader(String name, String value) {
        synchronized (added) {
            added.add(Map.entry(name, value));
        }
    }

    @Override
    public void onGone(Runnable action) {
        onLoop(() -> {
            if (isOver) {
                action.run();
            } else {
                onGone = action;
            }
        });
    }

    @Override
    public void send(HttpAnswer answer) {
        requireFirst();
        onLoop(() -> write(answer));
    }

    @Override
    public HttpStream begin(int status, String contentType) {
        requireFirst();
        Pieces pieces = new Pieces();
        onLoop(() -> pieces.begin(status, contentType));
        return pieces;
    }

    private void requireFirst() {
        if (!isAnswered.compareAndSet(false, true)) {
            throw new IllegalStateException("request " + target.path() + " was answered before");
        }
    }

    private void onLoop(Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
        } else {
            context.executor().execute(task);
        }
    }

    private void write(HttpAnswer wanted) {
        if (isOver) {
            return;
        }
        HttpAnswer answer = wanted;
        if (answer.body().length > FREE_ANSWER_BYTES) {
            if (connection.budget().take(answer.body().length)) {
                heldBytes += answer.body().length;
            } else {
                answer = Http1Collector.overloaded();
            }
        }
        boolean isLast = !isKeepAlive || connection.isDraining();
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        fill(response.headers(), answer.contentType(), isLast);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (!answer.allow().isEmpty()) {
            response.headers().set(HttpHeaderNames.ALLOW, answer.allow());
        }
        connection.writing();
        ChannelFuture unused =
                context.writeAndFlush(response).addListener((ChannelFutureListener) written -> over(written, isLast));
    }

    private void fill(HttpHeaders headers, String contentType, boolean isLast) {
        synchronized (added) {
            added.forEach(header -> headers.add(header.getKey(), header.getValue()));
        }
        headers.set("x-content-type-options", "nosniff");
        if (!contentType.isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, contentType);
        }
        if (isLast) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private void over(ChannelFuture written, boolean isLast) {
        if (isOver) {
            return;
        }
        isOver = true;
        if (!written.isSuccess() && onGone != null) {
            onGone.run();
        }
        onGone = null;
        connection.written(this, written, isLast);
    }

    /** The answer in pieces: chunks, or for a client of HTTP/1.0 all bytes until the connection ends. */
    private final class Pieces implements HttpStream {
        private boolean isLast;

        private void begin(int status, String contentType) {
            if (isOver) {
                return;
            }
            boolean isChunked = head.protocolVersion().isKeepAliveDefault();
            isLast = !isKeepAlive || !isChunked;
            HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
            fill(response.headers(), contentType, isLast);
            HttpUtil.setTransferEncodingChunked(response, isChunked);
            connection.streaming();
            ChannelFuture unused = context.write(response);
        }

        @Override
        public void write(byte[] piece, Runnable onTaken) {
            onLoop(() -> send(piece, onTaken));
        }

        private void send(byte[] piece, Runnable onTaken) {
            if (isOver) {
                return;
            }
            if (!connection.budget().take(piece.length)) {
                // Nothing can be said any more: the client takes up where it was.
                ChannelFuture unused = context.close();
                return;
            }
            heldBytes += piece.length;
            connection.writing();
            ByteBuf content = Unpooled.wrappedBuffer(piece);
            ChannelFuture unused = context.writeAndFlush(new DefaultHttpContent(content))
                    .addListener((ChannelFutureListener) written -> taken(written, piece.length, onTaken));
        }

        private void taken(ChannelFuture written, int bytes, Runnable onTaken) {
            if (isOver) {
                return;
            }
            heldBytes -= bytes;
            connection.budget().give(bytes);
            if (written.isSuccess()) {
                connection.pieceTaken();
                onTaken.run();
            } else {
                ChannelFuture unused = context.close();
            }
        }

        @Override
        public void end() {
            onLoop(() -> {
                if (!isOver) {
                    boolean isEnd = isLast || connection.isDraining();
                    connection.writing();
                    ChannelFuture unused = context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
                            .addListener((ChannelFutureListener) written -> over(written, isEnd));
                }
            });
        }
    }
}

package io.axolotl.server.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One plain request on a stream of an HTTP/2 connection. */
final class Http2Exchange extends LoopExchange {
    private static final byte[] NOTHING = {};

    private final GrpcHttp2ConnectionHandler grpc;
    private final int id;
    private final String method;
    private final List<Map.Entry<String, String>> headers = new ArrayList<>();
    private final HttpPages pages;
    private final HttpLimits limits;
    private final ByteArrayOutputStream arriving = new ByteArrayOutputStream(0);
    private byte[] body = NOTHING;

    /** The whole request has arrived, or was refused. */
    private boolean isServed;

    /** The last piece of the answer was written. */
    private boolean isWritten;

    private @Nullable ScheduledFuture<?> deadline;

    Http2Exchange(
            GrpcHttp2ConnectionHandler grpc,
            ChannelHandlerContext context,
            int id,
            Http2Headers head,
            HttpPages pages,
            HttpLimits limits,
            HttpBudget budget) {
        super(context, String.valueOf(head.path()), budget, 0);
        this.grpc = grpc;
        this.id = id;
        CharSequence named = head.method();
        this.method = named == null ? "" : named.toString();
        this.pages = pages;
        this.limits = limits;
        for (Map.Entry<CharSequence, CharSequence> header : head) {
            headers.add(Map.entry(header.getKey().toString(), header.getValue().toString()));
        }
        CharSequence authority = head.authority();
        if (authority != null) {
            headers.add(Map.entry("host", authority.toString()));
        }
        expectWithin(limits.requestTimeout());
    }

    // ---- deadlines ----

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
        if (!isOver()) {
            cutOff();
        }
    }

    // ---- the request ----

    void received(ByteBuf data, boolean isEnd) {
        int bytes = data.readableBytes();
        if (isServed) {
            return;
        }
        if (arriving.size() + bytes > limits.maxBodyBytes()) {
            refuse(HttpAnswer.text(
                    413, "413 Content Too Large: a request may have " + limits.maxBodyBytes() + " bytes"));
        } else if (!take(bytes)) {
            refuse(Http1Collector.overloaded());
        } else {
            byte[] arrived = new byte[bytes];
            data.readBytes(arrived);
            arriving.writeBytes(arrived);
            arrived(isEnd);
        }
    }

    /** A part of the request is here. */
    void arrived(boolean isEnd) {
        if (!isEnd || isServed) {
            return;
        }
        body = arriving.toByteArray();
        if (isUndecodable()) {
            refuse(HttpAnswer.text(400, "400 Bad Request"));
        } else {
            isServed = true;
            stopClock();
            pages.serve(this);
        }
    }

    private void refuse(HttpAnswer answer) {
        isServed = true;
        stopClock();
        send(answer);
    }

    /** The stream has ended, one way or the other. */
    void closed() {
        stopClock();
        giveAll();
        over(isWritten);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public List<String> header(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return headers.stream()
                .filter(header -> header.getKey().equals(lower))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    public List<Map.Entry<String, String>> headers() {
        return headers.stream()
                .filter(header -> !header.getKey().startsWith(":"))
                .toList();
    }

    @Override
    public byte[] body() {
        return body;
    }

    // ---- the answer ----

    @Override
    void write(HttpAnswer answer) {
        Http2Headers head = head(answer.status(), answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (!answer.allow().isEmpty()) {
            head.set(HttpHeaderNames.ALLOW, answer.allow());
        }
        writeHead(head);
        writeLast(answer.body());
    }

    private Http2Headers head(int status, String contentType) {
        Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
        headersTo(contentType, (name, value) -> head.add(name.toLowerCase(Locale.ROOT), value));
        return head;
    }

    private void writeHead(Http2Headers head) {
        ChannelFuture unused = grpc.encoder().writeHeaders(context, id, head, 0, false, context.newPromise());
    }

    private void writeLast(byte[] bytes) {
        isWritten = true;
        expectWithin(limits.writeTimeout());
        ChannelFuture unused = writeData(bytes, true);
    }

    private ChannelFuture writeData(byte[] bytes, boolean isEnd) {
        ChannelFuture written =
                grpc.encoder().writeData(context, id, Unpooled.wrappedBuffer(bytes), 0, isEnd, context.newPromise());
        grpc.flush(context);
        return written;
    }

    @Override
    void beginPieces(int status, String contentType) {
        writeHead(head(status, contentType));
        grpc.flush(context);
    }

    /** A frame or some. */
    @Override
    ChannelFuture writePiece(byte[] piece) {
        expectWithin(limits.writeTimeout());
        return writeData(piece, false);
    }

    @Override
    void pieceTaken() {
        stopClock();
    }

    @Override
    void endPieces() {
        writeLast(NOTHING);
    }

    @Override
    void cutOff() {
        ChannelFuture unused = grpc.resetStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
        grpc.flush(context);
    }
}

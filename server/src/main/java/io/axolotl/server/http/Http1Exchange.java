package io.axolotl.server.http;

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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request of an {@link Http1Connection}. */
final class Http1Exchange extends LoopExchange {
    private final Http1Connection connection;
    private final HttpRequest head;
    private final byte[] body;
    private final @Nullable HttpAnswer refusal;
    private final boolean isKeepAlive;

    /** The answer in pieces ends with the connection. */
    private boolean isLast;

    Http1Exchange(Http1Connection connection, ChannelHandlerContext context, Http1Request request) {
        super(context, request.head().uri(), connection.budget(), request.body().length);
        this.connection = connection;
        this.head = request.head();
        this.body = request.body();
        HttpAnswer refused = request.refusal();
        this.refusal = refused == null && isUndecodable() ? HttpAnswer.text(400, "400 Bad Request") : refused;
        this.isKeepAlive = refusal == null && HttpUtil.isKeepAlive(head);
    }

    /** What is answered to bytes that are no request; the connection ends after it. */
    @Nullable HttpAnswer refusal() {
        return refusal;
    }

    @Override
    public String method() {
        return head.method().name();
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
    void write(HttpAnswer answer) {
        boolean isEnd = !isKeepAlive || connection.isDraining();
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body()));
        fill(response.headers(), answer.contentType(), isEnd);
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        if (!answer.allow().isEmpty()) {
            response.headers().set(HttpHeaderNames.ALLOW, answer.allow());
        }
        finish(response, isEnd);
    }

    private void fill(HttpHeaders headers, String contentType, boolean isEnd) {
        headersTo(contentType, headers::add);
        if (isEnd) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    /** The last of the answer. */
    private void finish(Object message, boolean isEnd) {
        connection.writing();
        ChannelFuture unused = context.writeAndFlush(message).addListener((ChannelFutureListener) written -> {
            if (!isOver()) {
                over(written.isSuccess());
                connection.written(this, written, isEnd);
            }
        });
    }

    /** In chunks, or for a client of HTTP/1.0 all bytes until the connection ends. */
    @Override
    void beginPieces(int status, String contentType) {
        boolean isChunked = head.protocolVersion().isKeepAliveDefault();
        isLast = !isKeepAlive || !isChunked;
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        fill(response.headers(), contentType, isLast);
        HttpUtil.setTransferEncodingChunked(response, isChunked);
        connection.streaming();
        ChannelFuture unused = context.write(response);
    }

    @Override
    ChannelFuture writePiece(byte[] piece) {
        connection.writing();
        return context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)));
    }

    @Override
    void pieceTaken() {
        connection.pieceTaken();
    }

    @Override
    void endPieces() {
        finish(LastHttpContent.EMPTY_LAST_CONTENT, isLast || connection.isDraining());
    }

    @Override
    void cutOff() {
        ChannelFuture unused = context.close();
    }
}

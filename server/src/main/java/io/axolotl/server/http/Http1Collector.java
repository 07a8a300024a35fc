package io.axolotl.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts requests together from what the codec reads, and refuses what is malformed or too large as soon as that is known:
 * declared lengths cost nothing, arrived bytes are taken from the budget of all connections. After a refusal nothing more is
 * read into memory; it is the last answer of its connection.
 *
 * <p>Confined to the event loop of its channel.
 */
final class Http1Collector extends ChannelInboundHandlerAdapter {
    private static final int MAX_BYTES_BEHIND_A_STREAM = 4096;

    private final HttpLimits limits;
    private final HttpBudget budget;
    private final BooleanSupplier isStreaming;
    private @Nullable HttpRequest head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private boolean isRefused;

    /** @param isStreaming whether an answer in pieces is under way, behind which nobody waits with a body */
    Http1Collector(HttpLimits limits, HttpBudget budget, BooleanSupplier isStreaming) {
        this.limits = limits;
        this.budget = budget;
        this.isStreaming = isStreaming;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!isRefused && message instanceof HttpObject part) {
                collect(context, part);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        budget.give(body.size());
        body = new ByteArrayOutputStream(0);
        context.fireChannelInactive();
    }

    private void collect(ChannelHandlerContext context, HttpObject part) {
        if (part instanceof HttpRequest request) {
            head = request;
        }
        HttpRequest current = head;
        if (current == null) {
            return;
        }
        if (!part.decoderResult().isSuccess()) {
            refuse(context, current, malformed(part.decoderResult().cause()));
            return;
        }
        if (part instanceof HttpRequest && !begin(context, current)) {
            return;
        }
        if (part instanceof HttpContent content && take(context, current, content) && part instanceof LastHttpContent) {
            byte[] whole = body.toByteArray();
            body = new ByteArrayOutputStream(0);
            head = null;
            context.fireChannelRead(new Http1Request(current, whole, null));
        }
    }

    private boolean begin(ChannelHandlerContext context, HttpRequest request) {
        if (HttpUtil.getContentLength(request, 0L) > limits.maxBodyBytes()) {
            refuse(context, request, tooLarge());
            return false;
        }
        if (HttpUtil.is100ContinueExpected(request)) {
            ChannelFuture unused = context.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        return true;
    }

    private boolean take(ChannelHandlerContext context, HttpRequest request, HttpContent content) {
        int bytes = content.content().readableBytes();
        if (body.size() + bytes > limits.maxBodyBytes()) {
            refuse(context, request, tooLarge());
            return false;
        }
        if (body.size() + bytes > MAX_BYTES_BEHIND_A_STREAM && isStreaming.getAsBoolean()) {
            // It would be held for as long as the stream goes on.
            ChannelFuture unused = context.close();
            return false;
        }
        if (!budget.take(bytes)) {
            refuse(context, request, overloaded());
            return false;
        }
        byte[] arrived = new byte[bytes];
        content.content().readBytes(arrived);
        body.writeBytes(arrived);
        return true;
    }

    private void refuse(ChannelHandlerContext context, HttpRequest request, HttpAnswer refusal) {
        isRefused = true;
        budget.give(body.size());
        body = new ByteArrayOutputStream(0);
        head = null;
        context.fireChannelRead(new Http1Request(request, new byte[0], refusal));
    }

    private HttpAnswer tooLarge() {
        return HttpAnswer.text(413, "413 Content Too Large: a request may have " + limits.maxBodyBytes() + " bytes");
    }

    /** The server holds as much for its clients as it may. */
    static HttpAnswer overloaded() {
        return HttpAnswer.text(503, "too many requests");
    }

    private static HttpAnswer malformed(@Nullable Throwable cause) {
        return cause instanceof TooLongFrameException
                ? HttpAnswer.text(431, "431 Request Header Fields Too Large")
                : HttpAnswer.text(400, "400 Bad Request");
    }
}

package io.axolotl.server.tls;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLException;

/**
 * Tells of a connection whose handshake fails, or whose bytes are no TLS later on, as often as {@link RejectionLog} permits, and
 * closes it: what stands behind hears nothing of it.
 *
 * <p>Confined to the event loop of its channel.
 */
final class TlsFailures extends ChannelInboundHandlerAdapter {
    private final RejectionLog rejections;
    private boolean isTold;

    TlsFailures(RejectionLog rejections) {
        this.rejections = rejections;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            end(context, handshake.cause());
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable told = cause instanceof DecoderException ? cause.getCause() : cause;
        if (told instanceof SSLException) {
            end(context, cause);
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    private void end(ChannelHandlerContext context, Throwable why) {
        if (!isTold) {
            isTold = true;
            rejections.rejected(context.channel().remoteAddress(), why);
        }
        ChannelFuture unused = context.close();
    }
}

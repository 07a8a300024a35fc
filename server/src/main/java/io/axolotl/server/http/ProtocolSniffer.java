package io.axolotl.server.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides by its first bytes what a connection speaks: all 24 bytes of the HTTP/2 preface mean gRPC, the first byte that
 * differs means HTTP/1.1. Then it leaves the pipeline and passes on what it has read. Until then grpc's handshake timeout
 * is running, so a client that sends nothing does not stay.
 *
 * <p>Confined to the event loop of its channel.
 */
final class ProtocolSniffer extends ByteToMessageDecoder {
    private final GrpcHttp2ConnectionHandler grpc;
    private final InternalProtocolNegotiator.ProtocolNegotiator plaintext;
    private final HttpConnections http;

    /** grpc's word that negotiation may begin; held back until there is someone to hear it. */
    private @Nullable ProtocolNegotiationEvent begin;

    ProtocolSniffer(
            GrpcHttp2ConnectionHandler grpc,
            InternalProtocolNegotiator.ProtocolNegotiator plaintext,
            HttpConnections http) {
        this.grpc = grpc;
        this.plaintext = plaintext;
        this.http = http;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ProtocolNegotiationEvent negotiation) {
            begin = negotiation;
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        try {
            int seen = Math.min(in.readableBytes(), preface.readableBytes());
            for (int i = 0; i < seen; i++) {
                if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
                    http.take(context, this, grpc);
                    return;
                }
            }
            if (seen == preface.readableBytes()) {
                becomeGrpc(context);
            }
        } finally {
            preface.release();
        }
    }

    private void becomeGrpc(ChannelHandlerContext context) {
        if (begin == null) {
            throw new IllegalStateException("grpc has sent no negotiation event before the first bytes");
        }
        context.pipeline().addAfter(context.name(), null, plaintext.newHandler(grpc));
        context.fireUserEventTriggered(begin);
        context.pipeline().remove(this);
    }
}

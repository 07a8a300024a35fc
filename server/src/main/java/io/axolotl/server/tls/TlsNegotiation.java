package io.axolotl.server.tls;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InternalChannelz;
import io.grpc.SecurityLevel;
import io.grpc.ServerCredentials;
import io.grpc.internal.GrpcAttributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AsciiString;
import javax.net.ssl.SSLSession;

/**
 * The handshake of one connection inside grpc's server. Who has agreed on {@code h2} goes on to grpc; the session stands
 * among the attributes of its calls ({@link Grpc#TRANSPORT_ATTR_SSL_SESSION}). Until then grpc's handshake timeout is
 * running.
 *
 * <p>Confined to the event loop of its channel.
 */
public final class TlsNegotiation extends InternalProtocolNegotiators.ProtocolNegotiationHandler {
    /** Takes connections that speak something else than HTTP/2. */
    @FunctionalInterface
    public interface Elsewhere {
        /**
         * Takes the channel away from grpc.
         *
         * @param here the last handler that is to stay until the taker removes it; all behind it are grpc's
         */
        void take(ChannelHandlerContext context, ChannelHandler here, GrpcHttp2ConnectionHandler grpc);
    }

    private final GrpcHttp2ConnectionHandler grpc;
    private final PortTls tls;
    private final Elsewhere elsewhere;

    private TlsNegotiation(GrpcHttp2ConnectionHandler grpc, PortTls tls, Elsewhere elsewhere) {
        super(InternalProtocolNegotiators.grpcNegotiationHandler(grpc), grpc.getNegotiationLogger());
        this.grpc = grpc;
        this.tls = tls;
        this.elsewhere = elsewhere;
    }

    /** The first handler of a new connection. */
    public static ChannelHandler handler(GrpcHttp2ConnectionHandler grpc, PortTls tls, Elsewhere elsewhere) {
        return InternalProtocolNegotiators.waitUntilActiveHandler(
                new TlsNegotiation(grpc, tls, elsewhere), grpc.getNegotiationLogger());
    }

    /** For a server that speaks gRPC alone; what speaks anything else is turned away. */
    public static ServerCredentials grpcAlone(PortTls tls) {
        return InternalNettyServerCredentials.create(new InternalProtocolNegotiator.ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return AsciiString.of("https");
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
                return handler(grpc, tls, (context, here, handler) -> {
                    tls.rejections().rejected(context.channel().remoteAddress(), "it does not offer HTTP/2 over TLS");
                    ChannelFuture unused = context.close();
                });
            }

            @Override
            public void close() {
                // The owner of the port closes what it has.
            }
        });
    }

    @Override
    protected void handlerAdded0(ChannelHandlerContext context) throws Exception {
        super.handlerAdded0(context);
        context.pipeline().addBefore(context.name(), null, tls.acceptingHandler(context.alloc()));
    }

    @Override
    protected void userEventTriggered0(ChannelHandlerContext context, Object event) throws Exception {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            super.userEventTriggered0(context, event);
        } else if (!handshake.isSuccess()) {
            tls.rejections().rejected(context.channel().remoteAddress(), handshake.cause());
            context.fireExceptionCaught(handshake.cause());
        } else {
            shaken(context);
        }
    }

    private void shaken(ChannelHandlerContext context) {
        SslHandler secured = context.pipeline().get(SslHandler.class);
        if (!ApplicationProtocolNames.HTTP_2.equals(secured.applicationProtocol())) {
            elsewhere.take(context, this, grpc);
            return;
        }
        SSLSession session = secured.engine().getSession();
        Attributes attributes =
                InternalProtocolNegotiationEvent.getAttributes(getProtocolNegotiationEvent()).toBuilder()
                        .set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY)
                        .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
                        .build();
        replaceProtocolNegotiationEvent(InternalProtocolNegotiationEvent.withSecurity(
                InternalProtocolNegotiationEvent.withAttributes(getProtocolNegotiationEvent(), attributes),
                new InternalChannelz.Security(new InternalChannelz.Tls(session))));
        fireProtocolNegotiationEvent(context);
    }
}

package io.axolotl.server.http;

import io.axolotl.server.tls.PortTls;
import io.axolotl.server.tls.TlsNegotiation;
import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;
import java.util.function.Consumer;

/**
 * Makes grpc's server share its port with plain HTTP: credentials whose negotiator decides for each new connection what it
 * speaks. In clear text the first bytes tell ({@link ProtocolSniffer}); with TLS the handshake has agreed on it ({@link
 * TlsNegotiation}), and of HTTP/2 each stream tells by its content type ({@link Http2Pages}).
 */
final class SharedPort {
    private SharedPort() {}

    /** @param preparation done to each connection of grpc before its first frame is read */
    static ServerCredentials clearText(HttpConnections http, Consumer<GrpcHttp2ConnectionHandler> preparation) {
        InternalProtocolNegotiator.ProtocolNegotiator plaintext = InternalProtocolNegotiators.serverPlaintext();
        return InternalNettyServerCredentials.create(new InternalProtocolNegotiator.ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return plaintext.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
                preparation.accept(grpc);
                return new ProtocolSniffer(grpc, plaintext, http);
            }

            @Override
            public void close() {
                plaintext.close();
            }
        });
    }

    static ServerCredentials secured(
            PortTls tls, HttpConnections http, Consumer<GrpcHttp2ConnectionHandler> preparation) {
        return InternalNettyServerCredentials.create(new InternalProtocolNegotiator.ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return AsciiString.of("https");
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
                preparation.accept(grpc);
                http.serveAmong(grpc);
                return TlsNegotiation.handler(grpc, tls, http::take);
            }

            @Override
            public void close() {
                // The owner of the port closes what it has.
            }
        });
    }
}

package io.axolotl.server.http;

import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;

/**
 * Makes grpc's server share its port with plain HTTP: credentials whose negotiator puts a {@link ProtocolSniffer} in front
 * of grpc's own clear-text negotiation.
 */
final class SharedPort {
    private SharedPort() {}

    static ServerCredentials clearText(HttpConnections http) {
        InternalProtocolNegotiator.ProtocolNegotiator plaintext = InternalProtocolNegotiators.serverPlaintext();
        return InternalNettyServerCredentials.create(new InternalProtocolNegotiator.ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return plaintext.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
                return new ProtocolSniffer(grpc, plaintext, http);
            }

            @Override
            public void close() {
                plaintext.close();
            }
        });
    }
}

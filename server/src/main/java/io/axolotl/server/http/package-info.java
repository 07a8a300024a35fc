/**
 * The client port: gRPC over HTTP/2 and plain HTTP on one TCP port, in clear text and with TLS (contract F.1).
 *
 * <p>grpc-java owns the listening socket. For each new connection it asks us how to negotiate; our answer is a {@link
 * io.axolotl.server.http.ProtocolSniffer} that looks at the first bytes. A connection that opens with the HTTP/2 preface is
 * handed on to grpc's own plain-text negotiation and pays nothing afterwards: its pipeline is exactly that of an
 * unmodified server. Any other connection is taken away from grpc and becomes an {@link
 * io.axolotl.server.http.Http1Connection}. With TLS the handshake agrees on the protocol
 * in place of the sniffer ({@link io.axolotl.server.tls.TlsNegotiation}); HTTP/2 then carries calls and, for browsers and
 * curl, plain requests, which {@link io.axolotl.server.http.Http2Pages} takes out by their content type. In clear text
 * nobody asks for pages over HTTP/2, and calls stay free of that look. Pages are written against {@link
 * io.axolotl.server.http.HttpExchange} so that they need not know which kind of connection they answer.
 *
 * <p>What strangers may hold is bounded before anything is known of them: connections are counted
 * as they are accepted ({@code io.axolotl.server.ports}), and {@link io.axolotl.server.http.ConnectionLimits} says what one of them may ask for.
 *
 * <p>Beside {@code io.axolotl.server.tls} this is the only package that may import grpc's {@code Internal*} classes: they are not a stable API, and an
 * architecture test holds the border.
 *
 * <p>Thread rule: a connection is confined to its event loop; {@link io.axolotl.server.http.HttpExchange#send} may be
 * called from any thread and hops there. Pages must not block the loop: what may wait goes to a bounded pool, and a full
 * pool is answered with 503.
 */
@NullMarked
package io.axolotl.server.http;

import org.jspecify.annotations.NullMarked;

/**
 * The client port: gRPC over HTTP/2 and plain HTTP/1.1 on one TCP port, in clear text (contract F.1).
 *
 * <p>grpc-java owns the listening socket. For each new connection it asks us how to negotiate; our answer is a {@link
 * io.axolotl.server.http.ProtocolSniffer} that looks at the first bytes. A connection that opens with the HTTP/2 preface is
 * handed on to grpc's own plain-text negotiation and pays nothing afterwards: its pipeline is exactly that of an
 * unmodified server. Any other connection is taken away from grpc and becomes an {@link
 * io.axolotl.server.http.Http1Connection}. TLS will be a second negotiator beside {@link
 * io.axolotl.server.http.SharedPort}, with ALPN in the place of the sniffer; pages are written against {@link
 * io.axolotl.server.http.HttpExchange} so that they need not know which kind of connection they answer.
 *
 * <p>This is the only package that may import grpc's {@code Internal*} classes: they are not a stable API, and an
 * architecture test holds the border.
 *
 * <p>Thread rule: a connection is confined to its event loop; {@link io.axolotl.server.http.HttpExchange#send} may be
 * called from any thread and hops there. Pages must not block the loop: what may wait goes to a bounded pool, and a full
 * pool is answered with 503.
 */
@NullMarked
package io.axolotl.server.http;

import org.jspecify.annotations.NullMarked;

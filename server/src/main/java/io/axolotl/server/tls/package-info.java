/**
 * TLS on the ports of a server, and on the connections that it opens to the other members.
 *
 * <p>{@link io.axolotl.server.tls.PortTls} is one kind of port, clients' or members': its files, the newest contexts made of
 * them, and where its handshakes are worked out. {@link io.axolotl.server.tls.CredentialsWatch} looks at the files every
 * second, on a thread of its own, since a network thread must not wait for a disk; a connection that begins takes what is
 * newest, certificates and authorities alike, and connections that exist go on. {@link
 * io.axolotl.server.tls.TlsNegotiation} leads a connection through its handshake inside grpc's server: HTTP/2 goes on to
 * grpc with the session as an attribute, so that the services see the client's certificate; anything else goes to whom the
 * port names, or ends. {@link io.axolotl.server.tls.SelfMadeCertificate} is what {@code --auto-tls} asks for.
 *
 * <p>Handshakes are the most expensive thing that a stranger can ask for. They run on a few threads of their own behind a
 * bounded queue (fault A15), and what fails is told, but not more often than once a second.
 *
 * <p>Beside {@code io.axolotl.server.http} this is the only package that imports grpc's {@code Internal*} classes; an
 * architecture test holds the border.
 *
 * <p>Thread rule: safe for all threads, except for handlers of connections, which are confined to their event loop.
 */
@NullMarked
package io.axolotl.server.tls;

import org.jspecify.annotations.NullMarked;

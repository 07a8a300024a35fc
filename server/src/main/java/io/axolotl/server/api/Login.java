package io.axolotl.server.api;

import io.axolotl.client.tls.CertificateNames;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who a call says to come from: the token in its metadata (AU-1), or the name in the certificate of its connection (AU-12).
 * Nothing of it is proven before {@link Gate} has looked at it, at each use anew, for tokens end.
 *
 * <p>Immutable. Has no readable form: a token belongs into no log.
 *
 * @param token null if the call has none
 * @param certificateName the common name of the client's certificate, checked by TLS; null if there is none
 * @param from whence the call comes; null if that is not known
 */
record Login(
        @Nullable String token,
        @Nullable String certificateName,
        @Nullable SocketAddress from) {
    static final Login NOBODY = new Login(null, null, null);

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    /** What a gateway adds: the certificate is then its own, not that of who has called it. */
    private static final Metadata.Key<String> GATEWAY =
            Metadata.Key.of("grpcgateway-accept", Metadata.ASCII_STRING_MARSHALLER);

    private static final String BEARER = "Bearer ";
    private static final Context.Key<Login> CURRENT = Context.keyWithDefault("login", NOBODY);

    /** Of the call that is being handled on this thread. To be taken when the call begins: later threads know of none. */
    static Login current() {
        return CURRENT.get();
    }

    Context within(Context context) {
        return context.withValue(CURRENT, this);
    }

    static Login of(Metadata headers, Attributes connection, boolean isCertificateAName) {
        String token = headers.get(TOKEN);
        if (token == null) {
            token = headers.get(AUTHORIZATION);
        }
        if (token != null && token.startsWith(BEARER)) {
            token = token.substring(BEARER.length());
        }
        boolean mayBeNamed = isCertificateAName && !headers.containsKey(GATEWAY);
        String name = mayBeNamed ? commonName(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)) : null;
        return new Login(token, name, connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    /** Whether it says nothing of who calls. */
    boolean isOfNobody() {
        return token == null && certificateName == null;
    }

    /** Whence the call comes, without the port; empty if that is not known. */
    String address() {
        return from instanceof InetSocketAddress internet && internet.getAddress() != null
                ? internet.getAddress().getHostAddress()
                : "";
    }

    private static @Nullable String commonName(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            return session.getPeerPrincipal() instanceof X500Principal subject
                    ? CertificateNames.commonName(subject)
                    : null;
        } catch (SSLPeerUnverifiedException none) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "Login[from " + from + "]";
    }
}

package io.axolotl.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who a call says to come from. */
class LoginTest {
    /** A session of which only the name of the other end is asked. */
    private static SSLSession session(@Nullable String subject) {
        return (SSLSession) Proxy.newProxyInstance(
                LoginTest.class.getClassLoader(), new Class<?>[] {SSLSession.class}, (proxy, method, args) -> {
                    if (!method.getName().equals("getPeerPrincipal")) {
                        throw new AssertionError("nobody asks for " + method);
                    }
                    if (subject == null) {
                        throw new SSLPeerUnverifiedException("no certificate");
                    }
                    return new X500Principal(subject);
                });
    }

    private static Attributes connection(@Nullable String subject) {
        return Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session(subject))
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1234))
                .build();
    }

    private static Metadata headers(String... namesAndValues) {
        Metadata headers = new Metadata();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(Metadata.Key.of(namesAndValues[i], Metadata.ASCII_STRING_MARSHALLER), namesAndValues[i + 1]);
        }
        return headers;
    }

    private static @Nullable String nameIn(String subject) {
        return Login.of(headers(), connection(subject), true).certificateName();
    }

    @Test
    @DisplayName("AU-12 the common name of the certificate is the user, whatever else is in the subject")
    void theCommonNameIsTheUser() {
        assertThat(nameIn("CN=alice,O=a\\, b,C=DE")).isEqualTo("alice");
        assertThat(nameIn("O=CN\\=eve,CN=alice")).isEqualTo("alice");
        assertThat(nameIn("CN=a\\, CN\\=root")).isEqualTo("a, CN=root");
        assertThat(nameIn("CN=alice,O=o,CN=root")).isEqualTo("alice");
        assertThat(nameIn("O=nobody")).isNull();
        assertThat(nameIn("CN=,O=nobody")).isNull();
    }

    @Test
    @DisplayName("AU-12 the common name is found beside others in one part of the subject; two in one part are none")
    void theCommonNameMayStandBesideOthers() {
        assertThat(nameIn("C=DE+CN=alice,O=o")).isEqualTo("alice");
        assertThat(nameIn("OU=a+CN=alice,CN=root")).isEqualTo("alice");
        // A set has no order: who would be the user?
        assertThat(nameIn("CN=alice+CN=root")).isNull();
    }

    @Test
    @DisplayName("AU-12 without --client-cert-auth, without a certificate, or through a gateway it names nobody")
    void certificatesNameNobodyElse() {
        assertThat(Login.of(headers(), connection("CN=alice"), false).certificateName())
                .isNull();
        assertThat(Login.of(headers(), connection(null), true).certificateName())
                .isNull();
        assertThat(Login.of(headers(), Attributes.EMPTY, true).certificateName())
                .isNull();
        assertThat(Login.of(headers("grpcgateway-accept", "*/*"), connection("CN=alice"), true)
                        .certificateName())
                .isNull();
    }

    @Test
    @DisplayName("AU-1 a token is shown as 'token', or as 'authorization' with or without Bearer; the first wins")
    void tokensAreFound() {
        assertThat(Login.of(headers("token", "t"), Attributes.EMPTY, true).token())
                .isEqualTo("t");
        assertThat(Login.of(headers("authorization", "t"), Attributes.EMPTY, true)
                        .token())
                .isEqualTo("t");
        assertThat(Login.of(headers("authorization", "Bearer t"), Attributes.EMPTY, true)
                        .token())
                .isEqualTo("t");
        assertThat(Login.of(headers("authorization", "u", "token", "t"), Attributes.EMPTY, true)
                        .token())
                .isEqualTo("t");
        assertThat(Login.of(headers(), connection(null), true).address()).isEqualTo("127.0.0.1");
    }
}

package io.axolotl.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.tls.CertificateMaker.Made;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fault O9: which certificates are accepted, and why the others are not. */
class PeerTrustTest {
    private static final Made AUTHORITY =
            new CertificateMaker("our authority").authority().signedByItself();
    private static final Made FOREIGN =
            new CertificateMaker("foreign").authority().signedByItself();
    private static final Made GOOD = new CertificateMaker("good")
            .hosts(List.of("node-1.example", "10.0.0.1"))
            .signedBy(AUTHORITY);

    private static PeerTrust trust(PeerTrust.Permitted permitted, X509Certificate... revoked) {
        return new PeerTrust(
                new Credentials(
                        null,
                        List.of(AUTHORITY.certificate()),
                        "ca.pem",
                        java.util.Arrays.stream(revoked)
                                .map(Credentials.Revoked::of)
                                .collect(java.util.stream.Collectors.toSet())),
                permitted);
    }

    private static void accept(PeerTrust trust, Made shown) throws CertificateException {
        X509Certificate[] chain = {shown.certificate()};
        trust.checkClientTrusted(chain, "EC");
        trust.checkServerTrusted(chain, "ECDHE_ECDSA");
    }

    private static void assertRefused(PeerTrust trust, Made shown, String... words) {
        X509Certificate[] chain = {shown.certificate()};
        assertThatThrownBy(() -> trust.checkClientTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> trust.checkServerTrusted(chain, "ECDHE_ECDSA"))
                .isInstanceOf(CertificateException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void oneOfOurAuthorityIsAccepted() {
        assertThatCode(() -> accept(trust(PeerTrust.Permitted.ANY), GOOD)).doesNotThrowAnyException();
    }

    @Test
    void oneOfAnotherAuthorityIsRefusedWithBothNames() {
        Made stranger = new CertificateMaker("stranger").signedBy(FOREIGN);
        assertRefused(trust(PeerTrust.Permitted.ANY), stranger, "CN=stranger", "CN=foreign", "ca.pem");
        Made alone = new CertificateMaker("alone").signedByItself();
        assertRefused(trust(PeerTrust.Permitted.ANY), alone, "CN=alone", "not among the trusted authorities");
    }

    @Test
    void anAuthorityOfOurNameWithAnotherKeyIsNotOurs() {
        Made impostor = new CertificateMaker("our authority").authority().signedByItself();
        Made shown = new CertificateMaker("good").signedBy(impostor);
        assertRefused(trust(PeerTrust.Permitted.ANY), shown, "CN=good", "not among the trusted authorities");
    }

    @Test
    void oneThatHasExpiredIsRefusedWithItsDate() {
        Instant end = Instant.parse("2020-02-03T04:05:06Z");
        Made old =
                new CertificateMaker("old").valid(end.minusSeconds(1000), end).signedBy(AUTHORITY);
        assertRefused(trust(PeerTrust.Permitted.ANY), old, "CN=old", "has expired on 2020-02-03T04:05:06Z");
        Made young = new CertificateMaker("young")
                .valid(Instant.parse("2200-01-01T00:00:00Z"), Instant.parse("2201-01-01T00:00:00Z"))
                .signedBy(AUTHORITY);
        assertRefused(trust(PeerTrust.Permitted.ANY), young, "not valid before 2200-01-01T00:00:00Z", "clocks");
    }

    @Test
    @DisplayName("one that is itself trusted is refused after its time too, which Java alone would not do")
    void aTrustedCertificateExpiresAsWell() {
        Instant end = Instant.now().minusSeconds(1);
        Made itself = new CertificateMaker("itself")
                .valid(end.minusSeconds(1000), end)
                .signedByItself();
        PeerTrust trust = new PeerTrust(
                new Credentials(null, List.of(itself.certificate()), "ca.pem", Set.of()), PeerTrust.Permitted.ANY);
        assertRefused(trust, itself, "has expired");
    }

    @Test
    void oneThatIsRevokedIsRefused() {
        Made other = new CertificateMaker("other").signedBy(AUTHORITY);
        PeerTrust trust = trust(PeerTrust.Permitted.ANY, GOOD.certificate());
        assertRefused(trust, GOOD, "CN=good", "revoked");
        assertThatCode(() -> accept(trust, other)).doesNotThrowAnyException();
    }

    @Test
    void theCommonNameMustBePermitted() {
        assertThatCode(() -> accept(trust(new PeerTrust.Permitted(List.of("x", "good"), List.of())), GOOD))
                .doesNotThrowAnyException();
        assertRefused(trust(new PeerTrust.Permitted(List.of("x"), List.of())), GOOD, "CN=good", "permitted (x)");
    }

    @Test
    void theHostMustBePermitted() {
        assertThatCode(() -> accept(trust(new PeerTrust.Permitted(List.of(), List.of("10.0.0.1"))), GOOD))
                .doesNotThrowAnyException();
        assertRefused(
                trust(new PeerTrust.Permitted(List.of(), List.of("node-2.example"))),
                GOOD,
                "node-1.example",
                "permitted (node-2.example)");
    }

    @ParameterizedTest
    @CsvSource({
        "node.example, node.example, true",
        "node.example, NODE.example., true",
        "node.example, other.example, false",
        "*.example, a.example, true",
        "*.example, a.b.example, false",
        "*.example, example, false",
        "*.example, .example, false",
        "a*.example, ab.example, false",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "::1, 0:0:0:0:0:0:0:1, true",
        "::1, [::1], true",
        "::1, ::2, false",
        "node.example, 10.0.0.1, false",
    })
    @DisplayName("RFC 6125: for which hosts a certificate is")
    void hostsAreMatched(String name, String host, boolean isFor) {
        X509Certificate certificate =
                new CertificateMaker(host).hosts(List.of(name)).signedByItself().certificate();
        assertThat(CertificateNames.isFor(certificate, host)).isEqualTo(isFor);
    }

    @Test
    @DisplayName("AU-12: the common name is read whatever it contains")
    void commonNamesAreRead() {
        for (String name : List.of("root", "a, b=c", "ü \"q\" +x", "")) {
            assertThat(CertificateNames.commonName(
                            new CertificateMaker(name).signedByItself().certificate()))
                    .isEqualTo(name);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Received fatal alert: certificate_required | give --cert and --key
            (certificate_expired) Received fatal alert: certificate_expired | has expired
            Received fatal alert: user_canceled | refuses (user_canceled)
            not an SSL/TLS record: 48545450 | speaks no TLS
            Empty client certificate chain | shows no client certificate
            no cipher suites in common | cipher suites
            The client supported protocol versions[TLSv1.2] are not accepted by server preferences [TLSv1.3] | TLS versions
            """)
    void failuresAreSaidInWords(String message, String words) {
        assertThat(TlsWords.describe(new java.io.IOException("io", new SSLHandshakeException(message))))
                .contains(words);
    }
}

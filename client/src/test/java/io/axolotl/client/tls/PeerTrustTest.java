package io.axolotl.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.tls.CertificateMaker.Made;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLHandshakeException;
import javax.security.auth.x500.X500Principal;
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

    private static PeerTrust trusting(List<Made> authorities, Made... revoked) {
        return new PeerTrust(
                new Credentials(
                        null,
                        authorities.stream().map(Made::certificate).toList(),
                        "ca.pem",
                        java.util.Arrays.stream(revoked)
                                .map(made -> Credentials.Revoked.of(made.certificate()))
                                .collect(java.util.stream.Collectors.toSet())),
                PeerTrust.Permitted.ANY);
    }

    @Test
    @DisplayName("an authority in the trusted file vouches for nobody after its time, as with Go and unlike Java")
    void anExpiredAuthorityVouchesForNobody() {
        Instant end = Instant.parse("2020-02-03T04:05:06Z");
        Made over = new CertificateMaker("old authority")
                .authority()
                .valid(end.minusSeconds(1000), end)
                .signedByItself();
        Made shown = new CertificateMaker("shown").signedBy(over);
        String[] words = {"CN=shown", "CN=old authority", "ca.pem", "has expired on 2020-02-03T04:05:06Z"};
        assertRefused(trusting(List.of(over)), shown, words);
        assertRefused(trusting(List.of(over, AUTHORITY)), shown, words);
        assertThatCode(() -> accept(trusting(List.of(over, AUTHORITY)), GOOD)).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("an authority goes out of its time, and another comes into it, while the server runs")
    void authoritiesAreJudgedByTheMoment() {
        Instant start = Instant.now();
        Instant change = start.plusSeconds(1000);
        Made first = new CertificateMaker("first")
                .authority()
                .valid(start.minusSeconds(1000), change)
                .signedByItself();
        Made ofFirst = new CertificateMaker("shown").signedBy(first);
        AtomicReference<Instant> now = new AtomicReference<>(start);
        PeerTrust trust = new PeerTrust(
                new Credentials(null, List.of(first.certificate(), AUTHORITY.certificate()), "ca.pem", Set.of()),
                PeerTrust.Permitted.ANY,
                now::get);
        assertThatCode(() -> accept(trust, ofFirst)).doesNotThrowAnyException();
        assertThat(trust.getAcceptedIssuers()).containsExactly(first.certificate(), AUTHORITY.certificate());
        now.set(change.plusSeconds(1));
        assertRefused(trust, ofFirst, "CN=first", "ca.pem", "has expired");
        assertThatCode(() -> accept(trust, GOOD)).doesNotThrowAnyException();
        assertThat(trust.getAcceptedIssuers()).containsExactly(AUTHORITY.certificate());
        now.set(start);
        assertThatCode(() -> accept(trust, ofFirst)).doesNotThrowAnyException();
    }

    @Test
    void whoStartsHearsOfAuthoritiesThatVouchForNobodyOrSoonWill() {
        Instant now = Instant.now();
        Made over = new CertificateMaker("over")
                .authority()
                .valid(now.minusSeconds(1000), now.minusSeconds(10))
                .signedByItself();
        Made soon = new CertificateMaker("soon")
                .authority()
                .valid(now.minusSeconds(1000), now.plusSeconds(1000))
                .signedByItself();
        Made revoked = new CertificateMaker("revoked").authority().signedByItself();
        Credentials credentials = new Credentials(
                null,
                List.of(over.certificate(), soon.certificate(), revoked.certificate(), AUTHORITY.certificate()),
                "ca.pem",
                Set.of(Credentials.Revoked.of(revoked.certificate())));
        assertThat(credentials.doubts(now, Duration.ofDays(14)))
                .satisfiesExactly(
                        line -> assertThat(line).contains("CN=over", "ca.pem", "has expired on", "are refused"),
                        line -> assertThat(line).contains("CN=soon", "ca.pem", "expires on", "successor"),
                        line -> assertThat(line).contains("CN=revoked", "ca.pem", "is revoked", "are refused"));
    }

    @Test
    @DisplayName("an authority in the trusted file that is revoked vouches for nobody, whether it is shown or not")
    void aRevokedAuthorityVouchesForNobody() {
        Made intermediate = new CertificateMaker("in between").authority().signedBy(AUTHORITY);
        Made shown = new CertificateMaker("shown").signedBy(intermediate);
        assertThatCode(() -> accept(trusting(List.of(AUTHORITY, intermediate)), shown))
                .doesNotThrowAnyException();
        assertRefused(
                trusting(List.of(AUTHORITY, intermediate), intermediate),
                shown,
                "CN=shown",
                "CN=in between",
                "ca.pem",
                "is revoked");
        // Nobody is left to vouch: that is not the same as "whom the platform trusts".
        PeerTrust nobody = trusting(List.of(intermediate), intermediate);
        assertRefused(nobody, shown, "CN=in between", "is revoked");
        assertRefused(nobody, GOOD, "not among the trusted authorities (ca.pem)");
        assertThat(nobody.getAcceptedIssuers()).isEmpty();
        X509Certificate[] whole = {shown.certificate(), intermediate.certificate()};
        assertThatThrownBy(() ->
                        trusting(List.of(AUTHORITY, intermediate), intermediate).checkClientTrusted(whole, "EC"))
                .hasMessageContaining("is revoked");
    }

    @Test
    @DisplayName("names in certificates cannot write lines of a log, nor steer a terminal")
    void whatNamesContainIsEscaped() {
        String evil = "eve\n2026-01-01 ERROR forged\r\u001b[2J\u202e\u0085\u2028";
        Made authority = new CertificateMaker(evil).authority().signedByItself();
        Made ofStranger = new CertificateMaker(evil).signedBy(authority);
        Made ours = new CertificateMaker(evil).hosts(List.of("a\nb")).signedBy(AUTHORITY);
        Instant past = Instant.now().minusSeconds(1);
        Made expired =
                new CertificateMaker(evil).valid(past.minusSeconds(9), past).signedBy(AUTHORITY);
        for (CertificateException refusal : List.of(
                refusal(trust(PeerTrust.Permitted.ANY), ofStranger),
                refusal(trust(PeerTrust.Permitted.ANY), expired),
                refusal(trust(PeerTrust.Permitted.ANY, ours.certificate()), ours),
                refusal(trust(new PeerTrust.Permitted(List.of("x"), List.of())), ours),
                refusal(trust(new PeerTrust.Permitted(List.of(), List.of("x"))), ours))) {
            assertThat(TlsWords.describe(refusal))
                    .contains("eve\\u000a2026-01-01 ERROR forged\\u000d\\u001b[2J\\u202e\\u0085\\u2028")
                    .doesNotContainPattern("[\\p{Cntrl}\\u202e\\u0085\\u2028]");
        }
        assertThat(refusal(trust(new PeerTrust.Permitted(List.of(), List.of("x"))), ours))
                .hasMessageContaining("is for [a\\u000ab]");
        assertThat(TlsWords.describe(new SSLHandshakeException("a\nb"))).isEqualTo("a\\u000ab");
    }

    @Test
    @DisplayName("a certificate with a name of many thousand characters fills no log")
    void longNamesAreCut() {
        Made long1 = new CertificateMaker("x".repeat(20_000)).signedBy(FOREIGN);
        assertThat(refusal(trust(PeerTrust.Permitted.ANY), long1).getMessage())
                .hasSizeLessThan(2_000)
                .contains("xxx", "CN=foreign", "not among the trusted authorities");
    }

    private static CertificateException refusal(PeerTrust trust, Made shown) {
        try {
            trust.checkClientTrusted(new X509Certificate[] {shown.certificate()}, "EC");
        } catch (CertificateException e) {
            return e;
        }
        throw new AssertionError("it was accepted");
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
        for (String name : List.of("root", "a, b=c", "ü \"q\" +x")) {
            assertThat(CertificateNames.commonName(
                            new CertificateMaker(name).signedByItself().certificate()))
                    .isEqualTo(name);
        }
        assertThat(CertificateNames.commonName(
                        new CertificateMaker("").signedByItself().certificate()))
                .isNull();
        assertThat(CertificateNames.commonName(new X500Principal("CN=#0203010203")))
                .as("a number is no name")
                .isNull();
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

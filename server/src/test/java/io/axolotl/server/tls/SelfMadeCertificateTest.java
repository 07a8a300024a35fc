package io.axolotl.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.CertificateNames;
import io.axolotl.client.tls.Credentials;
import io.axolotl.client.tls.TlsFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --auto-tls}: the certificate that a server makes for itself. */
class SelfMadeCertificateTest {
    private static final List<String> HOSTS = List.of("localhost", "127.0.0.1", "[::1]");

    @TempDir
    Path folder;

    private X509Certificate certificate() throws Exception {
        SelfMadeCertificate made = SelfMadeCertificate.in(folder, HOSTS, 2);
        Credentials kept = Credentials.read(new TlsFiles(made.certificate(), made.key(), null, null));
        return Objects.requireNonNull(kept.identity()).certificate();
    }

    @Test
    @DisplayName("it is for the hosts of the URLs and lasts for --self-signed-cert-validity years")
    void itIsForTheHostsOfTheServer() throws Exception {
        X509Certificate certificate = certificate();
        assertThat(HOSTS).allMatch(host -> CertificateNames.isFor(certificate, host));
        assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
                .isBetween(Duration.ofDays(729), Duration.ofDays(731));
    }

    @Test
    void itIsUsedAgainAndOnlyItsUserReadsTheKey() throws Exception {
        X509Certificate first = certificate();
        assertThat(certificate()).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void anExpiredOneIsMadeAnew() throws Exception {
        CertificateMaker.Made old = new CertificateMaker("old")
                .valid(Instant.now().minusSeconds(100), Instant.now().minusSeconds(1))
                .signedByItself();
        TestPki.write(folder.resolve("cert.pem"), old.certificatePem());
        TestPki.write(folder.resolve("key.pem"), old.keyPem());
        assertThat(certificate()).isNotEqualTo(old.certificate());
    }

    @Test
    void oneWithoutItsKeyIsMadeAnew() throws Exception {
        X509Certificate first = certificate();
        TestPki.write(
                folder.resolve("key.pem"),
                new CertificateMaker("x").signedByItself().keyPem());
        X509Certificate second = certificate();
        assertThat(second).isNotEqualTo(first);
        Files.delete(folder.resolve("key.pem"));
        assertThat(certificate()).isNotEqualTo(second);
    }
}

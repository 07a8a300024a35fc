package io.axolotl.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.axolotl.client.tls.CertificateMaker.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault O9: what the files of certificates may hold, and what is said when they hold something else. */
class CredentialsTest {
    private static final Made ONE = new CertificateMaker("one").signedByItself();
    private static final Made OTHER = new CertificateMaker("other").signedByItself();

    @TempDir
    Path folder;

    private Path cert;
    private Path key;

    @BeforeEach
    void write() throws IOException {
        cert = Files.writeString(folder.resolve("cert.pem"), ONE.certificatePem());
        key = Files.writeString(folder.resolve("key.pem"), ONE.keyPem());
    }

    private Credentials read() throws TlsFileException {
        return Credentials.read(new TlsFiles(cert, key, null, null));
    }

    private void assertRefused(String... words) {
        assertThatThrownBy(this::read).isInstanceOf(TlsFileException.class).hasMessageContainingAll(words);
    }

    @Test
    void aCertificateAndItsKeyAreRead() throws Exception {
        Credentials.Identity identity = Objects.requireNonNull(read().identity());
        assertThat(identity.certificate()).isEqualTo(ONE.certificate());
        assertThat(identity.key()).isEqualTo(ONE.key());
    }

    @Test
    void theIntermediateCertificatesFollowTheirOwn() throws Exception {
        Files.writeString(cert, ONE.certificatePem() + "\nsome words between\n" + OTHER.certificatePem());
        assertThat(Objects.requireNonNull(read().identity()).chain())
                .containsExactly(ONE.certificate(), OTHER.certificate());
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        Files.writeString(key, OTHER.keyPem());
        assertRefused("key.pem", "does not match the certificate");
    }

    @Test
    void aKeyOfAnotherKindIsRefused() throws Exception {
        Files.writeString(key, Pem.write("PRIVATE KEY", rsa().getPrivate().getEncoded()));
        assertRefused("key.pem", "does not match the certificate");
    }

    @Test
    @DisplayName("port-sharing trap 3: the older forms of keys, usual with etcd, are read")
    void olderFormsOfKeysAreRead() throws Exception {
        KeyPair rsa = rsa();
        assertThat(older("RSA PRIVATE KEY", rsa.getPrivate(), rsa.getPublic())).isEqualTo(rsa.getPrivate());
        assertThat(older("EC PRIVATE KEY", ONE.key(), ONE.certificate().getPublicKey()))
                .isEqualTo(ONE.key());
    }

    /** The older form is what the newer one wraps: its third part. */
    private static PrivateKey older(String label, PrivateKey key, PublicKey owner) throws TlsFileException {
        byte[] pkcs8 = key.getEncoded();
        int at = 0;
        at += lengthOfHead(pkcs8, at);
        at += 3;
        at += lengthOfHead(pkcs8, at) + content(pkcs8, at);
        at += lengthOfHead(pkcs8, at);
        byte[] inner = Arrays.copyOfRange(pkcs8, at, pkcs8.length);
        PrivateKey read = PrivateKeys.read("k", List.of(new Pem.Block(label, false, inner)), owner);
        PrivateKeys.requirePair("k", read, owner);
        return read;
    }

    private static int lengthOfHead(byte[] der, int at) {
        return (der[at + 1] & 0x80) == 0 ? 2 : 2 + (der[at + 1] & 0x7f);
    }

    private static int content(byte[] der, int at) {
        return der[at + 1];
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    @Test
    void aKeyThatWantsAPasswordIsRefused() throws Exception {
        Files.writeString(key, Pem.write("ENCRYPTED PRIVATE KEY", new byte[] {1}));
        assertRefused("protected by a password");
        Files.writeString(
                key,
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x,y\n\nAQ==\n-----END RSA PRIVATE KEY-----\n");
        assertRefused("protected by a password");
    }

    @Test
    void halfAFileIsRefusedWhereverItIsCut() throws Exception {
        String whole = ONE.certificatePem();
        for (int cut = 0; cut < whole.stripTrailing().length(); cut++) {
            Files.writeString(cert, whole.substring(0, cut));
            assertRefused("cert.pem");
        }
    }

    @Test
    void theWrongFilesAreNamed() throws Exception {
        Files.writeString(cert, ONE.keyPem());
        assertRefused("cert.pem", "no certificate");
        write();
        Files.writeString(key, ONE.certificatePem());
        assertRefused("key.pem", "no private key");
        write();
        Files.writeString(key, Pem.write("PRIVATE KEY", new byte[] {1, 2, 3}));
        assertRefused("key.pem", "damaged");
        write();
        Files.delete(key);
        assertRefused("there is no file", "key.pem");
    }

    @Test
    void aCertificateWithoutAKeyIsNoPair() {
        assertThatThrownBy(() -> new TlsFiles(cert, null, null, null))
                .hasMessageContaining("KeyFile and CertFile must both be present");
    }

    @Test
    void noKeyIsEverPrinted() throws Exception {
        Credentials credentials = read();
        assertThat(credentials.toString() + credentials.summary() + ONE)
                .contains("CN=one")
                .doesNotContain(ONE.key().toString())
                .doesNotContain("PRIVATE");
    }

    @Test
    @DisplayName("A certificate is taken over when its key has come too, and until then the old one stays")
    void filesMayBeReplacedOneAfterTheOther() throws Exception {
        LiveCredentials<String> live =
                LiveCredentials.open(new TlsFiles(cert, key, null, null), each -> String.valueOf(each.identity()));
        assertThat(live.current()).isEqualTo("CN=one");
        assertThat(live.refresh()).isInstanceOf(LiveCredentials.Look.Unchanged.class);

        Files.writeString(cert, OTHER.certificatePem().substring(0, 200));
        assertThat(live.refresh())
                .isInstanceOfSatisfying(
                        LiveCredentials.Look.Kept.class,
                        kept -> assertThat(kept.why()).contains("half written"));
        assertThat(live.refresh()).as("is said once").isInstanceOf(LiveCredentials.Look.Unchanged.class);

        Files.writeString(cert, OTHER.certificatePem());
        assertThat(live.refresh())
                .isInstanceOfSatisfying(
                        LiveCredentials.Look.Kept.class,
                        kept -> assertThat(kept.why()).contains("does not match"));
        assertThat(live.current()).isEqualTo("CN=one");

        Files.delete(key);
        assertThat(live.refresh()).isInstanceOf(LiveCredentials.Look.Kept.class);
        Files.writeString(key, OTHER.keyPem());
        assertThat(live.refresh()).isInstanceOf(LiveCredentials.Look.Renewed.class);
        assertThat(live.current()).isEqualTo("CN=other");
    }

    @Test
    void whatComesBackAfterItWasAwayIsTakenAgain() throws Exception {
        LiveCredentials<String> live =
                LiveCredentials.open(new TlsFiles(cert, key, null, null), each -> String.valueOf(each.identity()));
        Files.delete(cert);
        assertThat(live.refresh()).isInstanceOf(LiveCredentials.Look.Kept.class);
        write();
        assertThat(live.refresh()).isInstanceOf(LiveCredentials.Look.Renewed.class);
        Files.delete(cert);
        assertThat(live.refresh()).as("is said again").isInstanceOf(LiveCredentials.Look.Kept.class);
    }

    @Test
    void aCertificateLastsAsLongAsWasAsked() {
        Made made = new CertificateMaker("x").validFor(Duration.ofDays(40_000)).signedByItself();
        assertThat(Duration.between(
                        java.time.Instant.now(),
                        made.certificate().getNotAfter().toInstant()))
                .isBetween(Duration.ofDays(39_999), Duration.ofDays(40_001));
    }

    @Property(tries = 300)
    @Label("whatever bytes a file holds, it is read or refused with its name")
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 300) byte[] noise, @ForAll boolean isInside) throws Exception {
        byte[] file = isInside
                ? ("-----BEGIN CERTIFICATE-----\n"
                                + java.util.Base64.getEncoder().encodeToString(noise)
                                + "\n-----END CERTIFICATE-----\n")
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)
                : noise;
        for (TlsFiles files : List.of(
                new TlsFiles(null, null, Path.of("ca.pem"), null), new TlsFiles(null, null, null, Path.of("ca.pem")))) {
            try {
                Credentials unused = Credentials.of(files, new TlsFiles.Contents(noise, noise, file, file));
            } catch (TlsFileException e) {
                assertThat(e).hasMessageContaining("ca.pem");
            }
        }
    }
}

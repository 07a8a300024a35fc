package io.axolotl.server.tls;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.CertificateMaker.Made;
import io.axolotl.client.tls.Der;
import io.axolotl.server.config.TlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An authority of a test, and what it has issued, as files. */
public final class TestPki {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));

    public final Made authority;
    public final Path caFile;
    private final Path folder;

    /** A certificate and its key. */
    public record Pair(Made made, Path cert, Path key) {
        /** Writes another one over it. */
        public Pair become(Made other) {
            write(cert, other.certificatePem());
            write(key, other.keyPem());
            return new Pair(other, cert, key);
        }
    }

    /** @param parent gets a folder of that name, in which everything lies that it issues */
    public TestPki(Path parent, String name) {
        try {
            this.folder = Files.createDirectories(parent.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.authority = new CertificateMaker(name).authority().signedByItself();
        this.caFile = write(folder.resolve(name + ".ca"), authority.certificatePem());
    }

    public CertificateMaker local(String commonName) {
        return new CertificateMaker(commonName).hosts(List.of("localhost", "127.0.0.1"));
    }

    /** For this machine's loopback. */
    public Pair issue(String commonName) {
        return keep(commonName, local(commonName).signedBy(authority));
    }

    public Pair keep(String name, Made made) {
        return new Pair(
                made,
                write(folder.resolve(name + ".cert"), made.certificatePem()),
                write(folder.resolve(name + ".key"), made.keyPem()));
    }

    public static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Shows {@code pair}; asks for certificates of {@code caFile}, if there is one. */
    public static TlsSettings settings(Pair pair, @Nullable Path caFile, @Nullable Path crlFile) {
        return new TlsSettings(
                pair.cert(),
                pair.key(),
                caFile,
                caFile != null,
                crlFile,
                List.of(),
                List.of(),
                false,
                1,
                List.of("TLSv1.2", "TLSv1.3"),
                List.of());
    }

    /** RFC 5280 part 5. */
    public byte[] revoke(X509Certificate... revoked) throws GeneralSecurityException {
        byte[] now = Der.time(Instant.now());
        byte[] entries = Der.sequence(Arrays.stream(revoked)
                .map(each -> Der.sequence(Der.integer(each.getSerialNumber()), now))
                .toArray(byte[][]::new));
        byte[] unsigned = Der.sequence(
                Der.integer(BigInteger.ONE),
                ECDSA_WITH_SHA256,
                authority.certificate().getSubjectX500Principal().getEncoded(),
                now,
                entries);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(authority.key());
        signature.update(unsigned);
        return Der.sequence(unsigned, ECDSA_WITH_SHA256, Der.bits(signature.sign(), 0));
    }
}

package io.axolotl.client.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a certificate (RFC 5280) with an elliptic key of its own, on the curve P-256. One thread at a time may use it.
 */
public final class CertificateMaker {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final byte[] COMMON_NAME = Der.oid("2.5.4.3");
    private static final byte[] BASIC_CONSTRAINTS = Der.oid("2.5.29.19");
    private static final byte[] KEY_USAGE = Der.oid("2.5.29.15");
    private static final byte[] EXTENDED_KEY_USAGE = Der.oid("2.5.29.37");
    private static final byte[] ALTERNATIVE_NAMES = Der.oid("2.5.29.17");
    private static final byte[] SERVER = Der.oid("1.3.6.1.5.5.7.3.1");
    private static final byte[] CLIENT = Der.oid("1.3.6.1.5.5.7.3.2");

    /** Bits 0 (digital signature) and 2 (key encipherment); 5 (certificates) and 6 (revocation lists). */
    private static final byte[] OF_LEAF = Der.bits(new byte[] {(byte) 0b1010_0000}, 5);

    private static final byte[] OF_AUTHORITY = Der.bits(new byte[] {0b0000_0110}, 1);
    private static final int SERIAL_BITS = 127;

    /** Clocks of machines differ; a certificate that is valid only from this moment on would be refused by some. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final SecureRandom CHANCE = new SecureRandom();

    private final String commonName;
    private final List<byte[]> hosts = new ArrayList<>();
    private Instant from = Instant.now().minus(BACKDATED).truncatedTo(ChronoUnit.SECONDS);
    private Instant until = from.plus(Duration.ofDays(365));
    private boolean isAuthority;

    /** A certificate and its key. */
    public record Made(X509Certificate certificate, PrivateKey key) {
        public String certificatePem() {
            try {
                return Pem.write("CERTIFICATE", certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new AssertionError("it was made of its encoding", e);
            }
        }

        /** PKCS#8, as Java and everybody else reads it. */
        public String keyPem() {
            return Pem.write("PRIVATE KEY", key.getEncoded());
        }

        @Override
        public String toString() {
            return certificate.getSubjectX500Principal().getName();
        }
    }

    public CertificateMaker(String commonName) {
        this.commonName = commonName;
    }

    /** It is for these: addresses as they are written, anything else as DNS names. */
    public CertificateMaker hosts(List<String> names) {
        for (String name : names) {
            String plain = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
            if (plain.indexOf(':') >= 0 || plain.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
                try {
                    hosts.add(Der.implicit(7, InetAddress.getByName(plain).getAddress()));
                } catch (UnknownHostException e) {
                    throw new IllegalArgumentException(name + " is no address", e);
                }
            } else {
                hosts.add(Der.implicit(2, plain.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            }
        }
        return this;
    }

    public CertificateMaker valid(Instant first, Instant last) {
        from = first.truncatedTo(ChronoUnit.SECONDS);
        until = last.truncatedTo(ChronoUnit.SECONDS);
        return this;
    }

    public CertificateMaker validFor(Duration duration) {
        until = Instant.now().plus(duration).truncatedTo(ChronoUnit.SECONDS);
        return this;
    }

    /** It may sign others. */
    public CertificateMaker authority() {
        isAuthority = true;
        return this;
    }

    public Made signedByItself() {
        return make(null);
    }

    public Made signedBy(Made issuer) {
        return make(issuer);
    }

    private Made make(@Nullable Made issuer) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            byte[] subject = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8(commonName))));
            byte[] unsigned = Der.sequence(
                    Der.explicit(0, Der.integer(BigInteger.TWO)),
                    Der.integer(new BigInteger(SERIAL_BITS, CHANCE).add(BigInteger.ONE)),
                    ECDSA_WITH_SHA256,
                    issuer == null
                            ? subject
                            : issuer.certificate().getSubjectX500Principal().getEncoded(),
                    Der.sequence(Der.time(from), Der.time(until)),
                    subject,
                    pair.getPublic().getEncoded(),
                    Der.explicit(3, extensions()));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuer == null ? pair.getPrivate() : issuer.key());
            signature.update(unsigned);
            byte[] signed = Der.sequence(unsigned, ECDSA_WITH_SHA256, Der.bits(signature.sign(), 0));
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed));
            return new Made(certificate, pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot make an elliptic key and sign with it", e);
        }
    }

    private byte[] extensions() {
        List<byte[]> all = new ArrayList<>();
        all.add(extension(BASIC_CONSTRAINTS, isAuthority ? Der.sequence(Der.bool(true)) : Der.sequence()));
        all.add(extension(KEY_USAGE, isAuthority ? OF_AUTHORITY : OF_LEAF));
        if (!isAuthority) {
            all.add(Der.sequence(EXTENDED_KEY_USAGE, Der.octets(Der.sequence(SERVER, CLIENT))));
        }
        if (!hosts.isEmpty()) {
            all.add(Der.sequence(ALTERNATIVE_NAMES, Der.octets(Der.sequence(hosts.toArray(byte[][]::new)))));
        }
        return Der.sequence(all.toArray(byte[][]::new));
    }

    private static byte[] extension(byte[] oid, byte[] value) {
        return Der.sequence(oid, Der.bool(true), Der.octets(value));
    }
}

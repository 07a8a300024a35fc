package io.axolotl.client.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link TlsFiles} hold. Immutable.
 *
 * @param identity what this side shows; null for nothing
 * @param trusted the authorities of the other side as they were given, {@link #authorities} tells which of them count; empty
 *     for those of the platform
 * @param trustedName names them in messages
 * @param revoked what no more counts of what they have issued
 */
public record Credentials(
        @Nullable Identity identity, List<X509Certificate> trusted, String trustedName, Set<Revoked> revoked) {
    /**
     * A certificate that its authority has taken back. etcd looks at the number alone; two authorities may give the same.
     *
     * @param issuer its name as RFC 2253 writes it, canonically
     */
    record Revoked(String issuer, BigInteger serial) {
        static Revoked of(X509Certificate certificate) {
            return new Revoked(canonical(certificate.getIssuerX500Principal()), certificate.getSerialNumber());
        }

        private static String canonical(javax.security.auth.x500.X500Principal name) {
            return name.getName(javax.security.auth.x500.X500Principal.CANONICAL);
        }
    }

    /**
     * A certificate with its key.
     *
     * @param chain the certificate, then those of its issuers
     */
    public record Identity(List<X509Certificate> chain, PrivateKey key) {
        public X509Certificate certificate() {
            return chain.get(0);
        }

        /** Without the key: this may end up in a log line. */
        @Override
        public String toString() {
            return certificate().getSubjectX500Principal().getName();
        }
    }

    public Credentials {
        trusted = List.copyOf(trusted);
        revoked = Set.copyOf(revoked);
    }

    /** Reads the files once. */
    public static Credentials read(TlsFiles files) throws TlsFileException {
        return of(files, files.read());
    }

    static Credentials of(TlsFiles files, TlsFiles.Contents contents) throws TlsFileException {
        Identity identity = null;
        if (files.certificate() != null && files.key() != null) {
            List<X509Certificate> chain = certificates(files.certificate().toString(), contents.certificate());
            String keyFile = files.key().toString();
            PrivateKey key = PrivateKeys.read(
                    keyFile, Pem.read(keyFile, contents.key()), chain.get(0).getPublicKey());
            PrivateKeys.requirePair(keyFile, key, chain.get(0).getPublicKey());
            identity = new Identity(List.copyOf(chain), key);
        }
        return new Credentials(
                identity,
                files.trusted() == null
                        ? List.of()
                        : certificates(files.trusted().toString(), contents.trusted()),
                files.trusted() == null ? "the Java platform" : files.trusted().toString(),
                files.revoked() == null ? Set.of() : revoked(files.revoked().toString(), contents.revoked()));
    }

    private static List<X509Certificate> certificates(String file, byte[] content) throws TlsFileException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem.Block block : Pem.read(file, content)) {
            if (block.label().equals("CERTIFICATE")) {
                try {
                    certificates.add(
                            (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(block.der())));
                } catch (CertificateException e) {
                    throw new TlsFileException(
                            file + " has a certificate that cannot be read (" + e.getMessage()
                                    + "); write the file anew from its source",
                            e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsFileException(
                    file + " has no certificate (a block CERTIFICATE); give a file of certificates in PEM form");
        }
        return certificates;
    }

    private static Set<Revoked> revoked(String file, byte[] content) throws TlsFileException {
        Set<Revoked> revoked = new HashSet<>();
        for (byte[] der : revocationLists(file, content)) {
            X509CRL list;
            try {
                list = (X509CRL) factory().generateCRL(new ByteArrayInputStream(der));
            } catch (CRLException e) {
                throw new TlsFileException(
                        file + " is no list of revoked certificates (" + e.getMessage()
                                + "); give a CRL in PEM or DER form",
                        e);
            }
            Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
            if (entries != null) {
                for (X509CRLEntry entry : entries) {
                    var issuer = entry.getCertificateIssuer() == null
                            ? list.getIssuerX500Principal()
                            : entry.getCertificateIssuer();
                    revoked.add(new Revoked(Revoked.canonical(issuer), entry.getSerialNumber()));
                }
            }
        }
        return revoked;
    }

    private static List<byte[]> revocationLists(String file, byte[] content) throws TlsFileException {
        if (!new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN")) {
            return List.of(content);
        }
        List<byte[]> lists = new ArrayList<>();
        for (Pem.Block block : Pem.read(file, content)) {
            if (block.label().equals("X509 CRL")) {
                lists.add(block.der());
            }
        }
        if (lists.isEmpty()) {
            throw new TlsFileException(
                    file + " has no list of revoked certificates (a block X509 CRL); give a CRL in PEM or DER form");
        }
        return List.copyOf(lists);
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new AssertionError("every Java platform reads X.509", e);
        }
    }

    boolean isRevoked(X509Certificate certificate) {
        return !revoked.isEmpty() && revoked.contains(Revoked.of(certificate));
    }

    /** Those of {@code trusted} that may vouch for others at that time: in their own time, and not revoked. */
    List<X509Certificate> authorities(Instant now) {
        return trusted.stream().filter(each -> doubt(each, now) == null).toList();
    }

    static String revocation(X509Certificate revoked) {
        return "is revoked (serial number " + revoked.getSerialNumber().toString(16) + ")";
    }

    /** Why one of {@code trusted} vouches for nobody; null if it does. */
    @Nullable String doubt(X509Certificate authority, Instant now) {
        if (isRevoked(authority)) {
            return revocation(authority);
        }
        if (now.isAfter(instant(authority.getNotAfter()))) {
            return "has expired on " + instant(authority.getNotAfter());
        }
        if (now.isBefore(instant(authority.getNotBefore()))) {
            return "is not valid before " + instant(authority.getNotBefore()) + "; are the clocks right?";
        }
        return null;
    }

    /**
     * What somebody should know of the trusted authorities: which of them vouch for nobody, and which are about to expire.
     *
     * @param soon what ends within this is about to
     */
    public List<String> doubts(Instant now, Duration soon) {
        List<String> doubts = new ArrayList<>();
        for (X509Certificate authority : trusted) {
            String name =
                    "the authority \"" + TlsWords.shown(authority.getSubjectX500Principal()) + "\" of " + trustedName;
            String doubt = doubt(authority, now);
            Instant end = instant(authority.getNotAfter());
            if (doubt != null) {
                doubts.add(name + " " + doubt + "; certificates that it has issued are refused");
            } else if (end.isBefore(now.plus(soon))) {
                doubts.add(name + " expires on " + end
                        + ", and certificates that it has issued will be refused then; add its successor before");
            }
        }
        return doubts;
    }

    /** For people: whose certificate it is, how long it lasts, whom it trusts. */
    public String summary() {
        String who = identity == null
                ? "no certificate"
                : "certificate of " + identity + ", valid until "
                        + instant(identity.certificate().getNotAfter());
        return who + "; trusts "
                + (trusted.isEmpty() ? trustedName : trusted.size() + " authorities of " + trustedName)
                + (revoked.isEmpty() ? "" : "; " + revoked.size() + " revoked");
    }

    static Instant instant(java.util.Date date) {
        return date.toInstant();
    }
}

package io.axolotl.client;

import io.axolotl.client.tls.TlsFiles;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a client knows the servers, and how it makes itself known. Immutable.
 *
 * <p>Files are in PEM form and are looked at again with each new connection, so they may be replaced while the client runs;
 * files that cannot be used leave what was read before.
 *
 * @param trustedCaFile authorities of the servers' certificates; those that the Java platform trusts if empty
 * @param certFile the certificate that this client shows, with its intermediate ones; none if empty
 * @param keyFile the private key of it, without a password
 * @param insecureSkipVerify take any certificate: whoever sits in between can read and change everything
 */
public record TlsOptions(
        Optional<Path> trustedCaFile, Optional<Path> certFile, Optional<Path> keyFile, boolean insecureSkipVerify) {
    /** The platform's authorities, and no certificate of its own. */
    public static final TlsOptions SYSTEM = new TlsOptions(Optional.empty(), Optional.empty(), Optional.empty(), false);

    public TlsOptions {
        if (certFile.isPresent() != keyFile.isPresent()) {
            throw new IllegalArgumentException(
                    "a certificate goes together with its key: KeyFile and CertFile must both be present [key: "
                            + keyFile.map(Path::toString).orElse("") + ", cert: "
                            + certFile.map(Path::toString).orElse("") + "]");
        }
    }

    /** Servers whose certificates come from these authorities. */
    public static TlsOptions trusting(Path caFile) {
        return new TlsOptions(Optional.of(caFile), Optional.empty(), Optional.empty(), false);
    }

    /** The same servers, to which this client shows a certificate. */
    public TlsOptions showing(Path certificate, Path key) {
        return new TlsOptions(trustedCaFile, Optional.of(certificate), Optional.of(key), insecureSkipVerify);
    }

    /** For experiments. */
    public TlsOptions withoutVerification() {
        return new TlsOptions(trustedCaFile, certFile, keyFile, true);
    }

    TlsFiles files() {
        return new TlsFiles(certFile.orElse(null), keyFile.orElse(null), trustedCaFile.orElse(null), null);
    }
}

package io.axolotl.server.tls;

import io.axolotl.client.tls.CertificateMaker;
import io.axolotl.client.tls.Credentials;
import io.axolotl.client.tls.TlsFileException;
import io.axolotl.client.tls.TlsFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that the server makes for itself, signed by nobody else. It is kept in the data folder, as with etcd, and used
 * again with the next start while it is valid; an expired or unusable one is made anew, where etcd would go on with it.
 *
 * @param certificate its file
 * @param key the file of its key, which only the server's user may read
 */
record SelfMadeCertificate(Path certificate, Path key) {
    private static final Logger log = LoggerFactory.getLogger(SelfMadeCertificate.class);
    private static final long DAYS_PER_YEAR = 365;

    /** Others must not read the key, nor lay one of their own in its place. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** @param hosts what it is for, if it must be made */
    static SelfMadeCertificate in(Path folder, List<String> hosts, int years) throws TlsFileException {
        SelfMadeCertificate files = new SelfMadeCertificate(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        if (!files.isUsable()) {
            CertificateMaker.Made made = new CertificateMaker("axolotl")
                    .hosts(hosts)
                    .validFor(Duration.ofDays(DAYS_PER_YEAR * years))
                    .signedByItself();
            try {
                Files.createDirectories(folder, OWNER_ALONE);
                // The key first: a certificate without its key is found unusable, and both are made anew.
                replace(files.key, made.keyPem());
                replace(files.certificate, made.certificatePem());
            } catch (IOException e) {
                throw new TlsFileException("a certificate cannot be kept in " + folder + ": " + e.getMessage(), e);
            }
            log.info("made a certificate for {} in {}, valid for {} years", hosts, files.certificate, years);
        }
        return files;
    }

    private boolean isUsable() {
        if (!Files.exists(certificate) || !Files.exists(key)) {
            return false;
        }
        try {
            Credentials kept = Credentials.read(new TlsFiles(certificate, key, null, null));
            Instant end = Objects.requireNonNull(kept.identity())
                    .certificate()
                    .getNotAfter()
                    .toInstant();
            if (end.isAfter(Instant.now())) {
                return true;
            }
            log.warn("the self-made certificate {} has expired on {}; it is made anew", certificate, end);
        } catch (TlsFileException e) {
            log.warn("the self-made certificate is made anew: {}", e.getMessage());
        }
        return false;
    }

    private static void replace(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(
                part,
                PosixFilePermissions.asFileAttribute(
                        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
        Files.writeString(part, text, StandardCharsets.US_ASCII);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

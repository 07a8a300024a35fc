package io.axolotl.client.tls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which files make one side's credentials. Immutable.
 *
 * @param certificate what this side shows, with the intermediate certificates after it; null to show nothing
 * @param key the private key of it; null exactly if {@code certificate} is
 * @param trusted the authorities of the other side's certificates; null for those that the Java platform trusts
 * @param revoked certificates of theirs that count no more; null for none
 */
public record TlsFiles(
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable Path trusted,
        @Nullable Path revoked) {
    /** Far above what any of them needs; more is the wrong file. */
    private static final long MAX_BYTES = 64L << 20;

    /** No certificate of its own, and the platform's authorities. */
    public static final TlsFiles NONE = new TlsFiles(null, null, null, null);

    public TlsFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "a certificate goes together with its key: KeyFile and CertFile must both be present [key: "
                            + (key == null ? "" : key) + ", cert: " + (certificate == null ? "" : certificate) + "]");
        }
    }

    /** What the files hold; empty for one that is not named. */
    record Contents(byte[] certificate, byte[] key, byte[] trusted, byte[] revoked) {
        boolean isSameAs(Contents other) {
            return java.util.Arrays.equals(certificate, other.certificate)
                    && java.util.Arrays.equals(key, other.key)
                    && java.util.Arrays.equals(trusted, other.trusted)
                    && java.util.Arrays.equals(revoked, other.revoked);
        }
    }

    Contents read() throws TlsFileException {
        return new Contents(read(certificate), read(key), read(trusted), read(revoked));
    }

    private static byte[] read(@Nullable Path file) throws TlsFileException {
        if (file == null) {
            return new byte[0];
        }
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new TlsFileException(file + " has " + size + " bytes, which is no file of certificates or keys");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new TlsFileException("there is no file " + file + "; check the path", e);
        } catch (AccessDeniedException e) {
            throw new TlsFileException(
                    file + " may not be read by the user of this process; change its owner or mode", e);
        } catch (IOException e) {
            throw new TlsFileException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}

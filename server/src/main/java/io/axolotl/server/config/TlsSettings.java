package io.axolotl.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of port, for clients or for members, speaks TLS. Immutable.
 *
 * @param certFile what is shown; null for nothing
 * @param keyFile its private key; null exactly if {@code certFile} is
 * @param trustedCaFile authorities of the other side's certificates; null for those of the Java platform
 * @param isClientCertAuth whether who connects must show a certificate; also if there is a {@code trustedCaFile}, as with
 *     etcd
 * @param crlFile what is revoked; null for nothing
 * @param allowedCommonNames of the other side's certificate; empty for any
 * @param allowedHosts that it must be for; empty for any
 * @param isSelfMade whether a certificate is made here, in the data folder
 * @param selfMadeYears how long such a one lasts
 * @param versions of TLS as Java calls them, the oldest first
 * @param cipherSuites for TLS 1.2; empty for the standard ones
 */
public record TlsSettings(
        @Nullable Path certFile,
        @Nullable Path keyFile,
        @Nullable Path trustedCaFile,
        boolean isClientCertAuth,
        @Nullable Path crlFile,
        List<String> allowedCommonNames,
        List<String> allowedHosts,
        boolean isSelfMade,
        int selfMadeYears,
        List<String> versions,
        List<String> cipherSuites) {
    private static final int MAX_YEARS = 100;
    private static final List<String> VERSIONS = List.of("TLS1.2", "TLS1.3");

    public TlsSettings {
        allowedCommonNames = List.copyOf(allowedCommonNames);
        allowedHosts = List.copyOf(allowedHosts);
        versions = List.copyOf(versions);
        cipherSuites = List.copyOf(cipherSuites);
    }

    static TlsSettings ofClients(SettingTexts texts) {
        TlsSettings settings = of(
                texts,
                pair(texts, Setting.CERT_FILE, Setting.KEY_FILE),
                texts.file(Setting.TRUSTED_CA_FILE),
                texts.isOn(Setting.CLIENT_CERT_AUTH),
                texts.file(Setting.CLIENT_CRL_FILE),
                List.of(),
                texts.list(Setting.CLIENT_CERT_ALLOWED_HOSTNAME),
                texts.isOn(Setting.AUTO_TLS));
        settings.requireAuthFor(
                texts,
                List.of(Setting.CLIENT_CERT_ALLOWED_HOSTNAME, Setting.CLIENT_CRL_FILE),
                Setting.TRUSTED_CA_FILE,
                Setting.CLIENT_CERT_AUTH);
        return settings;
    }

    static TlsSettings ofPeers(SettingTexts texts) {
        List<String> names = texts.list(Setting.PEER_CERT_ALLOWED_CN);
        List<String> hosts = texts.list(Setting.PEER_CERT_ALLOWED_HOSTNAME);
        if (!names.isEmpty() && !hosts.isEmpty()) {
            throw new ConfigException(
                    "--peer-cert-allowed-cn and --peer-cert-allowed-hostname are both set; AllowedCN and"
                            + " AllowedHostname are mutually exclusive, so leave one out");
        }
        TlsSettings settings = of(
                texts,
                pair(texts, Setting.PEER_CERT_FILE, Setting.PEER_KEY_FILE),
                texts.file(Setting.PEER_TRUSTED_CA_FILE),
                texts.isOn(Setting.PEER_CLIENT_CERT_AUTH),
                texts.file(Setting.PEER_CRL_FILE),
                names,
                hosts,
                texts.isOn(Setting.PEER_AUTO_TLS));
        List<Setting> checks =
                List.of(Setting.PEER_CERT_ALLOWED_CN, Setting.PEER_CERT_ALLOWED_HOSTNAME, Setting.PEER_CRL_FILE);
        if (settings.isSelfMade) {
            Stream.concat(Stream.of(Setting.PEER_TRUSTED_CA_FILE), checks.stream())
                    .filter(check -> texts.optional(check) != null)
                    .forEach(TlsSettings::refuseBesideSelfMade);
            if (texts.isOn(Setting.PEER_CLIENT_CERT_AUTH)) {
                refuseBesideSelfMade(Setting.PEER_CLIENT_CERT_AUTH);
            }
        }
        settings.requireAuthFor(texts, checks, Setting.PEER_TRUSTED_CA_FILE, Setting.PEER_CLIENT_CERT_AUTH);
        return settings;
    }

    /** Members cannot tell a self-made certificate from a stranger's, so a check would let in nobody, or everybody. */
    private static void refuseBesideSelfMade(Setting check) {
        throw new ConfigException("--peer-auto-tls and " + check.flag() + " are both set; no authority has signed a"
                + " self-made certificate, so there is nothing to check: give --peer-cert-file and --peer-key-file of an"
                + " authority, or leave " + check.flag() + " out");
    }

    /** @throws ConfigException if one of the checks is set, and certificates that it could look at are not asked for */
    private void requireAuthFor(SettingTexts texts, List<Setting> checks, Setting authority, Setting auth) {
        for (Setting check : checks) {
            if (!isClientCertAuth && texts.optional(check) != null) {
                throw new ConfigException(check.flag() + " is set, and nobody is asked for a certificate; give "
                        + authority.flag() + " or " + auth.flag() + ", or leave " + check.flag() + " out");
            }
        }
    }

    /** A certificate and its key; both are null if neither is given. */
    private record Pair(@Nullable Path cert, @Nullable Path key) {}

    private static Pair pair(SettingTexts texts, Setting cert, Setting key) {
        Path certFile = texts.file(cert);
        Path keyFile = texts.file(key);
        if ((certFile == null) != (keyFile == null)) {
            Setting given = certFile == null ? key : cert;
            Setting missing = certFile == null ? cert : key;
            throw new ConfigException(given.flag() + " is set and " + missing.flag()
                    + " is not; a certificate and its private key go together, so give both");
        }
        return new Pair(certFile, keyFile);
    }

    private static TlsSettings of(
            SettingTexts texts,
            Pair pair,
            @Nullable Path trusted,
            boolean isClientCertAuth,
            @Nullable Path crl,
            List<String> names,
            List<String> hosts,
            boolean isAuto) {
        List<String> suites = texts.list(Setting.CIPHER_SUITES);
        List<String> versions = versions(texts);
        if (!suites.isEmpty() && !versions.contains("TLSv1.2")) {
            throw new ConfigException(
                    "--cipher-suites is set and --tls-min-version is TLS1.3; cipher suites can be chosen"
                            + " for TLS1.2 only, so leave one of both out");
        }
        return new TlsSettings(
                pair.cert,
                pair.key,
                trusted,
                isClientCertAuth || trusted != null,
                crl,
                names,
                hosts,
                isAuto && pair.cert == null,
                texts.number(Setting.SELF_SIGNED_CERT_VALIDITY, 1, MAX_YEARS),
                versions,
                suites);
    }

    private static List<String> versions(SettingTexts texts) {
        int least = VERSIONS.indexOf(texts.oneOf(Setting.TLS_MIN_VERSION, VERSIONS));
        int most = VERSIONS.indexOf(texts.oneOf(Setting.TLS_MAX_VERSION, VERSIONS));
        if (least > most) {
            throw new ConfigException("--tls-min-version is " + VERSIONS.get(least) + " and --tls-max-version "
                    + VERSIONS.get(most) + "; the one must not be above the other");
        }
        return VERSIONS.subList(least, most + 1).stream()
                .map(version -> version.replace("TLS", "TLSv"))
                .toList();
    }

    /** Whether anything of it tells how to connect to others; if not, the Java platform knows what is right. */
    public boolean isGiven() {
        return isOn() || isClientCertAuth || versions.size() < VERSIONS.size() || !cipherSuites.isEmpty();
    }

    /** Whether connections can be taken. */
    public boolean isOn() {
        return certFile != null || isSelfMade;
    }

    /** @throws ConfigException if one of the URLs asks for TLS and there is no certificate to show */
    void requireFor(List<MemberUrl> urls, Setting what, String certFlag, String autoFlag) {
        for (MemberUrl url : urls) {
            if (url.isSecure() && !isOn()) {
                throw new ConfigException(what.flag() + " has " + url + ", and there is no certificate for it; give "
                        + certFlag + " with its key, or " + autoFlag + ", or write http:// for clear text");
            }
        }
    }
}

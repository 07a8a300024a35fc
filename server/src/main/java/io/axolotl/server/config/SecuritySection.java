package io.axolotl.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The sections of etcd's configuration file that hold the settings of TLS, under shorter names. No state. */
final class SecuritySection {
    private static final Map<String, Map<String, Setting>> SECTIONS = Map.of(
            "client-transport-security",
            Map.of(
                    "cert-file", Setting.CERT_FILE,
                    "key-file", Setting.KEY_FILE,
                    "client-cert-auth", Setting.CLIENT_CERT_AUTH,
                    "trusted-ca-file", Setting.TRUSTED_CA_FILE,
                    "auto-tls", Setting.AUTO_TLS,
                    "client-crl-file", Setting.CLIENT_CRL_FILE,
                    "allowed-hostname", Setting.CLIENT_CERT_ALLOWED_HOSTNAME),
            "peer-transport-security",
            Map.of(
                    "cert-file", Setting.PEER_CERT_FILE,
                    "key-file", Setting.PEER_KEY_FILE,
                    "client-cert-auth", Setting.PEER_CLIENT_CERT_AUTH,
                    "trusted-ca-file", Setting.PEER_TRUSTED_CA_FILE,
                    "auto-tls", Setting.PEER_AUTO_TLS,
                    "crl-file", Setting.PEER_CRL_FILE,
                    "allowed-cn", Setting.PEER_CERT_ALLOWED_CN,
                    "allowed-hostname", Setting.PEER_CERT_ALLOWED_HOSTNAME));

    private SecuritySection() {}

    static boolean isOne(String key) {
        return SECTIONS.containsKey(key);
    }

    /** The name of the setting that a part of a section means. */
    static String key(Path file, String section, @Nullable Object part) {
        Map<String, Setting> parts = SECTIONS.getOrDefault(section, Map.of());
        Setting setting = parts.get(String.valueOf(part));
        if (setting == null) {
            throw new ConfigException("the configuration file " + file + " has in " + section + " the key \"" + part
                    + "\", which is no setting there; it takes "
                    + parts.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        return setting.key();
    }

    /** The one list in etcd's file, as a text. */
    static @Nullable Object joined(String key, @Nullable Object value) {
        return key.equals(Setting.CIPHER_SUITES.key()) && value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : value;
    }
}

package io.axolotl.server.tls;

import io.axolotl.server.config.ConfigException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/** Cipher suites under Go's names, which etcd takes, as Java knows them. No state. */
final class CipherSuites {
    /** Go has shorter names for these, besides the right ones. */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Those of TLS 1.3, none of which can be chosen or left out, as with Go. */
    private static final List<String> OF_TLS13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private CipherSuites() {}

    /**
     * @return empty if nothing was chosen
     * @throws ConfigException if one is not known, or not permitted by the Java platform
     */
    static List<String> of(List<String> chosen, List<String> versions) {
        if (chosen.isEmpty()) {
            return List.of();
        }
        Set<String> known = known();
        List<String> suites = new ArrayList<>();
        for (String name : chosen) {
            String suite = OTHER_NAMES.getOrDefault(name, name);
            if (!known.contains(suite)) {
                throw new ConfigException(
                        "--cipher-suites has \"" + name + "\", which this Java platform does not have; it has "
                                + known.stream()
                                        .filter(each -> each.startsWith("TLS_ECDHE"))
                                        .collect(Collectors.joining(", ")));
            }
            suites.add(suite);
        }
        if (versions.contains("TLSv1.3")) {
            OF_TLS13.stream().filter(suite -> !suites.contains(suite)).forEach(suites::add);
        }
        return List.copyOf(suites);
    }

    private static Set<String> known() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, null, null);
            return new TreeSet<>(
                    Arrays.asList(context.getSupportedSSLParameters().getCipherSuites()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no TLS", e);
        }
    }
}

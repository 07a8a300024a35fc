package io.axolotl.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The shape of etcd's configuration files: flat, but for two sections of TLS and some lists. Stateless. */
final class FileSections {
    /** What comes before the flag's name for a key of this section. */
    private static final Map<String, String> PREFIX_OF_SECTION =
            Map.of("client-transport-security", "", "peer-transport-security", "peer-");

    /** Keys of the sections that are called otherwise than the flags (etcd 3.6). */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "allowed-hostname", "client-cert-allowed-hostname",
            "peer-allowed-hostname", "peer-cert-allowed-hostname",
            "peer-allowed-cn", "peer-cert-allowed-cn");

    private FileSections() {}

    /** The same with the keys of the sections named as the flags are. */
    static Map<String, Object> flat(Map<?, ?> document) {
        Map<String, Object> flat = new LinkedHashMap<>();
        document.forEach((key, value) -> {
            String prefix = PREFIX_OF_SECTION.get(String.valueOf(key));
            if (prefix == null) {
                put(flat, String.valueOf(key), value);
            } else if (value instanceof Map<?, ?> section) {
                section.forEach(
                        (name, inside) -> put(flat, OTHER_NAMES.getOrDefault(prefix + name, prefix + name), inside));
            } else if (value != null) {
                throw new ConfigException("the configuration file has for " + key + " the value " + value
                        + ", and it takes a section with keys such as cert-file");
            }
        });
        return flat;
    }

    private static void put(Map<String, Object> flat, String key, Object value) {
        if (value != null && flat.put(key, value) != null) {
            throw new ConfigException(
                    "the configuration file says " + key + " both alone and in a section; leave one out");
        }
    }

    /** Joined by commas if it is a list of texts, else as it is. */
    static Object joined(Object value) {
        return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : value;
    }
}

package io.axolotl.client;

import java.util.Locale;

/**
 * Where a member listens for clients. Immutable.
 *
 * @param text as the user wrote it, for messages and listings
 * @param host name or address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String text, String host, int port) {
    /**
     * Reads {@code host:port} or {@code http://host:port}; IPv6 addresses stand in brackets.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Endpoint parse(String text) {
        String address = text.strip();
        int scheme = address.indexOf("://");
        if (scheme >= 0) {
            String name = address.substring(0, scheme).toLowerCase(Locale.ROOT);
            if (name.equals("https")) {
                throw new IllegalArgumentException(
                        "endpoint " + text + " asks for TLS, which this client does not speak; use http://host:port");
            }
            if (!name.equals("http")) {
                throw new IllegalArgumentException(
                        "endpoint " + text + " has the unknown scheme " + name + "; use http://host:port");
            }
            address = address.substring(scheme + 3);
            if (address.endsWith("/")) {
                address = address.substring(0, address.length() - 1);
            }
        }
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw malformed(text);
        }
        String host = address.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || host.indexOf('/') >= 0 || (!bracketed && host.indexOf(':') >= 0)) {
            throw malformed(text);
        }
        return new Endpoint(text.strip(), host, port(text, address.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(malformed(text).getMessage(), e);
        }
        throw malformed(text);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "endpoint \"" + text + "\" is not host:port or http://host:port, such as http://127.0.0.1:2379");
    }

    /** Host and port alone: two spellings of one place have the same address. */
    public String address() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
        return text;
    }
}

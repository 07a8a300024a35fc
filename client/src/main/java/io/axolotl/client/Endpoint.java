package io.axolotl.client;

import java.util.Locale;

/**
 * Where a member listens for clients. Immutable.
 *
 * @param text as the user wrote it, for messages and listings
 * @param scheme whether it says anything about TLS
 * @param host name or address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String text, Scheme scheme, String host, int port) {
    /** What stands before the host. */
    public enum Scheme {
        /** Nothing: as the client was told, clear text without a word. */
        NONE,
        /** Clear text. */
        HTTP,
        /** TLS. */
        HTTPS
    }

    /**
     * Reads {@code host:port}, {@code http://host:port} or {@code https://host:port}; IPv6 addresses stand in brackets.
     *
     * @throws BadEndpointException if it is neither
     */
    public static Endpoint parse(String text) {
        String address = text.strip();
        int schemeEnd = address.indexOf("://");
        Scheme scheme = Scheme.NONE;
        if (schemeEnd >= 0) {
            String name = address.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
            scheme = switch (name) {
                case "http" -> Scheme.HTTP;
                case "https" -> Scheme.HTTPS;
                default ->
                    throw new BadEndpointException("endpoint " + text + " has the unknown scheme " + name
                            + "; use http://host:port or https://host:port");
            };
            address = address.substring(schemeEnd + 3);
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
        return new Endpoint(text.strip(), scheme, host, port(text, address.substring(colon + 1)));
    }

    private static int port(String text, String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            BadEndpointException bad = malformed(text);
            bad.initCause(e);
            throw bad;
        }
        throw malformed(text);
    }

    private static BadEndpointException malformed(String text) {
        return new BadEndpointException(
                "endpoint \"" + text + "\" is not host:port or http://host:port, such as http://127.0.0.1:2379");
    }

    /**
     * Whether connections to it are made with TLS.
     *
     * @param byDefault what it means when it does not say
     */
    boolean isSecure(boolean byDefault) {
        return scheme == Scheme.NONE ? byDefault : scheme == Scheme.HTTPS;
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

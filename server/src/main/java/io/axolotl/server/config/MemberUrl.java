package io.axolotl.server.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A URL that names a port of a member: scheme, host and port, nothing else. Two are equal if they are written alike, with
 * the host in lower case. {@code https} means TLS.
 *
 * <p>Immutable.
 */
public record MemberUrl(boolean isSecure, String host, int port) {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** @param what the setting it stands in, for messages */
    static MemberUrl parse(String what, String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw refused(what, text, "is not a URL: " + e.getReason());
        }
        String scheme = uri.getScheme();
        boolean isSecure = "https".equals(scheme);
        if (!isSecure && !"http".equals(scheme)) {
            throw refused(what, text, "does not begin with http:// or https://");
        }
        if (uri.getHost() == null) {
            throw refused(what, text, "has no host");
        }
        if (uri.getPort() < 0) {
            throw refused(what, text, "has no port");
        }
        if (uri.getPort() > 65_535) {
            throw refused(what, text, "has a port above 65535");
        }
        if (uri.getRawUserInfo() != null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
            throw refused(what, text, "has more than a host and a port");
        }
        return new MemberUrl(isSecure, uri.getHost().toLowerCase(Locale.ROOT), uri.getPort());
    }

    /** Comma-separated; at least one, no two alike. */
    static List<MemberUrl> parseList(String what, String texts) {
        List<MemberUrl> urls = new ArrayList<>();
        for (String text : texts.split(",", -1)) {
            MemberUrl url = parse(what, text.strip());
            if (urls.contains(url)) {
                throw new ConfigException(what + " names " + url + " twice; leave one out");
            }
            urls.add(url);
        }
        return List.copyOf(urls);
    }

    /** Port 0 means "any free one" to who listens, and nothing to who connects. */
    void requireFixedPort(String what) {
        if (port == 0) {
            throw new ConfigException(what + " has " + this
                    + ", and others cannot connect to port 0; give the port that they are to use");
        }
    }

    /** Only addresses can be bound; a name could mean another one tomorrow. */
    void requireBindable(String what) {
        if (!host.equals("localhost")
                && !host.startsWith("[")
                && !IPV4.matcher(host).matches()) {
            throw new ConfigException(
                    what + " has " + this + ", and only an IP address or localhost can be listened on;"
                            + " write the address (0.0.0.0 for all) and keep the name for the advertised URL");
        }
    }

    /** Whether listening on both would fail. */
    boolean clashesWith(MemberUrl other) {
        return port == other.port
                && port != 0
                && (host.equals(other.host)
                        || isEverywhere()
                        || other.isEverywhere()
                        || (isLoopback() && other.isLoopback()));
    }

    private boolean isEverywhere() {
        return host.equals("0.0.0.0") || host.equals("[::]");
    }

    private boolean isLoopback() {
        return host.equals("localhost") || host.equals("127.0.0.1");
    }

    /** To listen on. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(plainHost(), port);
    }

    /** To connect to: the name is looked up with each attempt, since it may not be known yet or move later. */
    public InetSocketAddress unresolvedAddress() {
        return InetSocketAddress.createUnresolved(plainHost(), port);
    }

    private String plainHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** As in {@code http://10.0.0.1:2379}. */
    @Override
    public String toString() {
        return (isSecure ? "https://" : "http://") + host + ":" + port;
    }

    private static ConfigException refused(String what, String text, String why) {
        return new ConfigException(what + " has \"" + text + "\", which " + why
                + "; write it as http://HOST:PORT or https://HOST:PORT, several separated by commas");
    }
}

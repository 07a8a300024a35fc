package io.axolotl.server.http;

import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may send plain HTTP requests from a browser (contract F.4): {@code --cors} says which sites' scripts may read the
 * answers, {@code --host-whitelist} under which names this server may be addressed. The second is against sites that
 * point a name of their own at this server, so that the browser takes it for the site itself; on an encrypted connection the
 * certificate sees to that, and the name is not looked at. gRPC cannot be spoken from a page, so it is not checked.
 *
 * <p>A client whose certificate says which user it is cannot be that user here: what it calls is called by the gateway. So that it
 * is not taken for somebody else, or for nobody, its calls are refused, as by etcd.
 *
 * <p>Immutable.
 *
 * @param origins sites as {@code http://host:port}; {@value #ANY} for all
 * @param hosts names without ports; {@value #ANY} for all
 * @param isCertificateAName whether certificates say which user a client is, now
 */
public record HttpAccess(Set<String> origins, Set<String> hosts, BooleanSupplier isCertificateAName) {
    public static final String ANY = "*";

    /** For ports that are not for browsers: no site's script may read there, and any name will do. */
    public static final HttpAccess UNCHECKED = new HttpAccess(Set.of(), Set.of(ANY));

    /** As etcd is without flags. */
    public static final HttpAccess OPEN = new HttpAccess(Set.of(ANY), Set.of(ANY));

    private static final String NAMED_BY_CERTIFICATE =
            "CommonName of client sending a request against gateway will be ignored and not used as expected";

    private static final int MISDIRECTED_REQUEST = 421;

    /** Where certificates name nobody. */
    public HttpAccess(Set<String> origins, Set<String> hosts) {
        this(origins, hosts, () -> false);
    }

    public HttpAccess {
        origins = Set.copyOf(origins);
        hosts = Set.copyOf(hosts);
    }

    /** Answers the request if it is not for a page: one that is refused, or a browser's question what it may send. */
    boolean admits(HttpExchange exchange) {
        String host = hostName(exchange.header("host"));
        if (!exchange.isEncrypted() && !hosts.contains(ANY) && !hosts.contains(host)) {
            exchange.send(HttpAnswer.text(
                    MISDIRECTED_REQUEST,
                    "this server is not to be addressed as \"" + printable(host)
                            + "\"; use one of its own names, use TLS, or start it with that name in --host-whitelist"));
            return false;
        }
        if (HttpPages.isCall(exchange.path())
                && isCertificateAName.getAsBoolean()
                && exchange.certificateName() != null) {
            exchange.send(HttpAnswer.text(400, NAMED_BY_CERTIFICATE));
            return false;
        }
        if (origins.isEmpty()) {
            return true;
        }
        String allowed = allowedOrigin(exchange.header("origin"));
        if (allowed != null) {
            exchange.addHeader("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE");
            exchange.addHeader("Access-Control-Allow-Origin", allowed);
            exchange.addHeader("Access-Control-Allow-Headers", "accept, content-type, authorization");
        }
        if (exchange.method().equals("OPTIONS")) {
            exchange.send(HttpAnswer.empty(200));
            return false;
        }
        return true;
    }

    private @Nullable String allowedOrigin(List<String> origin) {
        if (origins.contains(ANY)) {
            return ANY;
        }
        return origin.size() == 1 && origins.contains(origin.get(0)) ? origin.get(0) : null;
    }

    /** Without port, and without the brackets of an IPv6 address. */
    private static String hostName(List<String> header) {
        String host = header.isEmpty() ? "" : header.get(0);
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end < 0 ? host : host.substring(1, end);
        }
        int colon = host.indexOf(':');
        return colon < 0 || colon != host.lastIndexOf(':') ? host : host.substring(0, colon);
    }

    private static String printable(String host) {
        return host.replaceAll("[^\\w.:-]", "?");
    }
}

package io.axolotl.server.http;

import java.util.Map;

/**
 * Which page answers which path; unknown paths and methods are answered in the words of etcd's HTTP server. Immutable.
 */
public final class HttpPages {
    /** What all calls begin with, and what clients of etcd 3.3 write instead (contract F.4). */
    private static final String CALLS = "/v3/";

    private static final String OLD_CALLS = "/v3beta/";

    private final Map<String, HttpPage> read;
    private final Map<String, HttpPage> called;
    private final HttpAccess access;
    private final String unknown;

    /**
     * @param read by GET
     * @param called by POST; paths below {@value #CALLS}
     */
    public HttpPages(Map<String, HttpPage> read, Map<String, HttpPage> called, HttpAccess access) {
        this(read, called, access, "404 page not found");
    }

    private HttpPages(Map<String, HttpPage> read, Map<String, HttpPage> called, HttpAccess access, String unknown) {
        this.read = Map.copyOf(read);
        this.called = Map.copyOf(called);
        this.access = access;
        this.unknown = unknown;
    }

    /** For a port that serves calls of gRPC only: says so, whatever is asked for. */
    public static HttpPages none() {
        return new HttpPages(
                Map.of(),
                Map.of(),
                HttpAccess.UNCHECKED,
                "404 page not found: this port serves gRPC only, and HTTP is where --listen-client-http-urls says");
    }

    /** Whether it is the path of a call by JSON, known or not. */
    static boolean isCall(String path) {
        return path.startsWith(CALLS) || path.startsWith(OLD_CALLS);
    }

    /** The entry of every request, on whatever connection it came. On its event loop. */
    public void serve(HttpExchange exchange) {
        if (!access.admits(exchange)) {
            return;
        }
        String path = exchange.path();
        if (path.startsWith(OLD_CALLS)) {
            path = CALLS + path.substring(OLD_CALLS.length());
        }
        HttpPage page = read.get(path);
        HttpPage call = called.get(path);
        if (page != null) {
            serve(exchange, "GET", page);
        } else if (call != null) {
            serve(exchange, "POST", call);
        } else {
            exchange.send(HttpAnswer.text(404, path.startsWith(CALLS) && !called.isEmpty() ? "Not Found" : unknown));
        }
    }

    private static void serve(HttpExchange exchange, String method, HttpPage page) {
        if (exchange.method().equals(method)) {
            page.answer(exchange);
        } else {
            exchange.send(HttpAnswer.methodNotAllowed(method));
        }
    }
}

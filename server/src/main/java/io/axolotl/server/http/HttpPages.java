package io.axolotl.server.http;

import java.util.Map;

/**
 * Which page answers which path; unknown paths and methods are answered in the words of etcd's HTTP server. Immutable.
 */
public final class HttpPages {
    private final Map<String, HttpPage> pages;

    public HttpPages(Map<String, HttpPage> pages) {
        this.pages = Map.copyOf(pages);
    }

    void serve(HttpExchange exchange) {
        HttpPage page = pages.get(exchange.path());
        if (page == null) {
            exchange.send(HttpAnswer.text(404, "404 page not found"));
        } else if (!exchange.method().equals("GET")) {
            exchange.send(HttpAnswer.methodNotAllowed("GET"));
        } else {
            page.get(exchange);
        }
    }
}

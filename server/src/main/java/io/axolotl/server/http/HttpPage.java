package io.axolotl.server.http;

/** What stands behind one path; knows GET only. Called on an event loop: it must not block there and must not throw. */
@FunctionalInterface
public interface HttpPage {
    void get(HttpExchange exchange);
}

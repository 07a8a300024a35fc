package io.axolotl.server.http;

/** What stands behind one path and one method. Called on an event loop: it must not block there and must not throw. */
@FunctionalInterface
public interface HttpPage {
    void answer(HttpExchange exchange);
}

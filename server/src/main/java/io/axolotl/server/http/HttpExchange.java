package io.axolotl.server.http;

import java.util.List;

/**
 * One request and the place for its answer, whatever connection it came on. Safe for all threads.
 */
public interface HttpExchange {
    String method();

    /** Decoded, without the query. */
    String path();

    /** Every value of a query parameter, in order; empty if it is not given. */
    List<String> query(String name);

    /** Exactly once. If the client is gone the answer is dropped. */
    void send(HttpAnswer answer);
}

package io.axolotl.server.http;

import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One request and the place for its answer, whatever connection it came on. Answered once, by {@link #send} or by {@link
 * #begin}. Safe for all threads.
 */
public interface HttpExchange {
    String method();

    /** Decoded, without the query. */
    String path();

    /** Every value of a query parameter, in order; empty if it is not given. */
    List<String> query(String name);

    /** Every value of a header of the request, in order; empty if it is not given. Names are compared without their case. */
    List<String> header(String name);

    /** All headers of the request, in order. */
    List<Map.Entry<String, String>> headers();

    /** The whole body; empty if there is none. By convention nobody writes to it. */
    byte[] body();

    /** The other end of the connection. */
    SocketAddress client();

    /** Whether the connection is encrypted. */
    boolean isEncrypted();

    /** The common name in the certificate that the client has shown; null if it has shown none, or that has none. */
    @Nullable String certificateName();

    /** Where work for the answer may be done if it is short: the thread that the connection is confined to. */
    Executor executor();

    /** Adds a header to the answer. Before that is sent or begun. */
    void addHeader(String name, String value);

    /** A whole answer. If the client is gone it is dropped. */
    void send(HttpAnswer answer);

    /** Begins an answer that comes in pieces. */
    HttpStream begin(int status, String contentType);

    /** Runs {@code action} once, on any thread, if the client goes before it has its whole answer; at once if it has gone. */
    void onGone(Runnable action);
}

package io.axolotl.server.http;

import java.time.Duration;

/**
 * What one client, and all of them, may hold of the client port. Immutable.
 *
 * @param maxConnections at a time; more are closed at once, before a byte of them is read
 * @param maxStreams calls at a time on one connection; clients wait with more
 * @param maxHeaderBytes of a call, decompressed
 * @param maxResets streams that a client may end by force within {@code resetWindow}, above which its connection is closed
 *     (rapid reset, CVE-2023-44487). Not below {@code maxStreams}: a client may end all that it has begun
 * @param maxIdle after which a connection without calls is told to go, which clients do and come back when they need to
 * @param pingAfter without a word from a client, after which it is pinged; zero for never
 * @param pingTimeout for the answer, after which the connection is closed
 */
public record ConnectionLimits(
        int maxConnections,
        int maxStreams,
        int maxHeaderBytes,
        int maxResets,
        Duration resetWindow,
        Duration maxIdle,
        Duration pingAfter,
        Duration pingTimeout) {
    private static final Duration PING_AFTER = Duration.ofHours(2);
    private static final Duration PING_TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final Duration RESET_WINDOW = Duration.ofSeconds(10);
    private static final Duration MAX_IDLE = Duration.ofHours(1);

    /** What a connection costs with TLS and some calls. */
    private static final long BYTES_PER_CONNECTION = 64 << 10;

    private static final int LEAST_CONNECTIONS = 1_000;
    private static final int MOST_CONNECTIONS = 50_000;

    /**
     * As many connections as half of the heap holds, if nobody says how many.
     *
     * @param maxConnections 0 to judge by the heap
     */
    public static ConnectionLimits ofHeap(int maxConnections, int maxStreams) {
        long affordable = Runtime.getRuntime().maxMemory() / 2 / BYTES_PER_CONNECTION;
        int connections = maxConnections > 0
                ? maxConnections
                : (int) Math.max(LEAST_CONNECTIONS, Math.min(MOST_CONNECTIONS, affordable));
        return new ConnectionLimits(connections, maxStreams, MAX_HEADER_BYTES, maxStreams, RESET_WINDOW, MAX_IDLE);
    }

    /** With etcd's standard for pings. */
    public ConnectionLimits(
            int maxConnections,
            int maxStreams,
            int maxHeaderBytes,
            int maxResets,
            Duration resetWindow,
            Duration maxIdle) {
        this(maxConnections, maxStreams, maxHeaderBytes, maxResets, resetWindow, maxIdle, PING_AFTER, PING_TIMEOUT);
    }

    public ConnectionLimits withPings(Duration after, Duration timeout) {
        return new ConnectionLimits(
                maxConnections, maxStreams, maxHeaderBytes, maxResets, resetWindow, maxIdle, after, timeout);
    }
}

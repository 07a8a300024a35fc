package io.axolotl.server.http;

import java.time.Duration;

/**
 * What one connection of a client may hold of the client port. Immutable.
 *
 * @param maxStreams calls at a time on one connection; clients wait with more
 * @param maxHeaderBytes of a call, decompressed
 * @param maxResets streams that a client may end by force within {@code resetWindow}, above which its connection is closed
 *     (rapid reset, CVE-2023-44487). As many as {@code maxStreams}, for a client may end all that it has begun, but never very many
 * @param maxIdle after which a connection without calls is told to go, which clients do and come back when they need to
 * @param pingAfter without a word from a client, after which it is pinged; zero for never
 * @param pingTimeout for the answer, after which the connection is closed
 */
public record ConnectionLimits(
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

    /** Each is a call that was begun for nothing: as many as a client may make the server begin within the window. */
    private static final int MOST_RESETS = 10_000;

    public static ConnectionLimits standard(int maxStreams) {
        return new ConnectionLimits(
                maxStreams, MAX_HEADER_BYTES, Math.min(maxStreams, MOST_RESETS), RESET_WINDOW, MAX_IDLE);
    }

    /** With etcd's standard for pings. */
    public ConnectionLimits(int maxStreams, int maxHeaderBytes, int maxResets, Duration resetWindow, Duration maxIdle) {
        this(maxStreams, maxHeaderBytes, maxResets, resetWindow, maxIdle, PING_AFTER, PING_TIMEOUT);
    }

    public ConnectionLimits withPings(Duration after, Duration timeout) {
        return new ConnectionLimits(maxStreams, maxHeaderBytes, maxResets, resetWindow, maxIdle, after, timeout);
    }
}

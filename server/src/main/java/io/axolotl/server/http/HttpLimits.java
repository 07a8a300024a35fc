package io.axolotl.server.http;

import java.time.Duration;

/**
 * What plain HTTP clients may cost. Immutable.
 *
 * @param requestTimeout from the first byte of a request to its last; a client that sends slower is cut off
 * @param idleTimeout how long a connection may wait for its next request
 * @param writeTimeout how long a client may take to receive an answer, or a piece of one
 * @param maxHeaderBytes of all header lines together
 * @param maxBodyBytes of a request
 * @param maxPipelined requests read ahead while one is being answered; then reading stops
 * @param maxHeldBytes of requests and answers of all clients together
 */
public record HttpLimits(
        Duration requestTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        int maxHeaderBytes,
        int maxBodyBytes,
        int maxPipelined,
        long maxHeldBytes) {
    public static final HttpLimits DEFAULT = new HttpLimits(
            Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30), 16 * 1024, 64 * 1024, 8);

    /** What a message may be larger than the largest request, as with gRPC: so that it is refused in etcd's words. */
    private static final int MESSAGE_SLACK_BYTES = 512 * 1024;

    /** Names of fields and the like, around the largest message. */
    private static final int JSON_SLACK_BYTES = 64 * 1024;

    /** All clients together may cost a sixteenth of the heap, in bytes as they arrive; what they are read into costs about as much. */
    public HttpLimits(
            Duration requestTimeout,
            Duration idleTimeout,
            Duration writeTimeout,
            int maxHeaderBytes,
            int maxBodyBytes,
            int maxPipelined) {
        this(
                requestTimeout,
                idleTimeout,
                writeTimeout,
                maxHeaderBytes,
                maxBodyBytes,
                maxPipelined,
                Runtime.getRuntime().maxMemory() / 16);
    }

    /** With room for bodies that hold the largest request as JSON, in which three bytes take four. */
    public HttpLimits forRequestsOf(int maxRequestBytes) {
        int body = (int)
                Math.min(Integer.MAX_VALUE, (maxRequestBytes + (long) MESSAGE_SLACK_BYTES) * 4 / 3 + JSON_SLACK_BYTES);
        return new HttpLimits(
                requestTimeout, idleTimeout, writeTimeout, maxHeaderBytes, body, maxPipelined, maxHeldBytes);
    }
}

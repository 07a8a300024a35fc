package io.axolotl.server.http;

import java.time.Duration;

/**
 * What a plain HTTP client may cost. Immutable.
 *
 * @param requestTimeout from the first byte of a request to its last; a client that sends slower is cut off
 * @param idleTimeout how long a connection may wait for its next request
 * @param writeTimeout how long a client may take to receive an answer
 * @param maxHeaderBytes of all header lines together
 * @param maxBodyBytes of a request
 * @param maxPipelined requests read ahead while one is being answered; then reading stops
 */
public record HttpLimits(
        Duration requestTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        int maxHeaderBytes,
        int maxBodyBytes,
        int maxPipelined) {
    public static final HttpLimits DEFAULT = new HttpLimits(
            Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30), 16 * 1024, 64 * 1024, 8);
}

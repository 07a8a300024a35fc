package io.axolotl.server.tls;

import io.axolotl.client.tls.TlsWords;
import java.net.SocketAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of connections that were turned away, at most once a second: strangers must not fill the disk with our log.
 *
 * <p>Safe for all threads.
 */
final class RejectionLog {
    private static final Logger log = LoggerFactory.getLogger(RejectionLog.class);
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final String port;
    private final LongSupplier clock;
    private long nextNanos;
    private long untold;

    RejectionLog(String port, LongSupplier clock) {
        this.port = port;
        this.clock = clock;
        this.nextNanos = clock.getAsLong();
    }

    void rejected(@Nullable SocketAddress from, Throwable why) {
        rejected(from, TlsWords.describe(why));
    }

    synchronized void rejected(@Nullable SocketAddress from, String why) {
        long now = clock.getAsLong();
        if (now - nextNanos < 0) {
            untold++;
            return;
        }
        nextNanos = now + PAUSE_NANOS;
        log.warn(
                "rejected connection on the port for {} from {}: {}{}",
                port,
                from,
                why,
                untold == 0 ? "" : " (and " + untold + " others since the last such line)");
        untold = 0;
    }
}

package io.axolotl.server.config;

import java.time.Duration;

/**
 * Pings on the connections of clients, by which each side finds out that the other has gone without a word. Immutable.
 *
 * @param leastInterval between two pings of a client, with or without calls; one that pings more often is disconnected
 * @param interval without a word from a client after which it is pinged; zero for never
 * @param timeout for the answer
 */
public record KeepAlive(Duration leastInterval, Duration interval, Duration timeout) {
    static KeepAlive of(SettingTexts texts) {
        return new KeepAlive(
                texts.duration(Setting.GRPC_KEEPALIVE_MIN_TIME, Duration.ZERO),
                texts.duration(Setting.GRPC_KEEPALIVE_INTERVAL, Duration.ZERO),
                texts.duration(Setting.GRPC_KEEPALIVE_TIMEOUT, Duration.ofMillis(1)));
    }
}

package io.axolotl.client;

import java.util.List;

/**
 * What is left of a lease. Immutable.
 *
 * @param ttlSeconds left; -1 if there is no such lease
 * @param grantedTtlSeconds 0 if there is no such lease
 * @param keys those that hang on it, if they were asked for
 */
public record LeaseTimeToLiveResult(Header header, long id, long ttlSeconds, long grantedTtlSeconds, List<Bytes> keys) {
    public LeaseTimeToLiveResult {
        keys = List.copyOf(keys);
    }

    public boolean isAlive() {
        return ttlSeconds >= 0;
    }
}

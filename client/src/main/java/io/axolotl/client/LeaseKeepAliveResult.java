package io.axolotl.client;

/**
 * The answer to a renewal. Immutable.
 *
 * @param ttlSeconds what the lease has from now on; 0 if there is no such lease
 */
public record LeaseKeepAliveResult(Header header, long id, long ttlSeconds) {
    public boolean isAlive() {
        return ttlSeconds > 0;
    }
}

package io.axolotl.client;

/**
 * A lock that is held as long as its key is there. Immutable.
 *
 * @param key on the lease that the lock was asked for with
 */
public record LockResult(Header header, Bytes key) {}

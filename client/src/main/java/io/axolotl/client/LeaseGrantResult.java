package io.axolotl.client;

/**
 * A lease. Immutable.
 *
 * @param ttlSeconds granted, perhaps more than was asked for
 */
public record LeaseGrantResult(Header header, long id, long ttlSeconds) {}

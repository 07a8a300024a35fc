package io.axolotl.client;

/**
 * An election that is won as long as its key is there. Immutable.
 *
 * @param key on the lease that took part in the election
 * @param createRevision of the key
 */
public record ElectedResult(Header header, Bytes key, long createRevision, long lease) {}

package io.axolotl.client;

/**
 * The hash of a member's history (MT-4). Equal on all members for the same two revisions. Immutable.
 *
 * @param hash 32 bits, unsigned
 * @param compactRevision from where on history was hashed; -1 if nothing was ever compacted
 * @param hashRevision through which it was hashed; 0 before etcd 3.6
 */
public record HashKvResult(Header header, long hash, long compactRevision, long hashRevision) {}

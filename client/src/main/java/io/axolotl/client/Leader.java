package io.axolotl.client;

/**
 * The leader of a term, and where it listens. Immutable.
 *
 * @param memberId unsigned
 * @param raftTerm unsigned
 */
public record Leader(long memberId, long raftTerm, Endpoint endpoint) {}

package io.axolotl.client;

/**
 * Who answered, and where history stood. Immutable.
 *
 * @param clusterId unsigned
 * @param memberId unsigned; the member that answered, not the leader
 * @param revision what the call produced or read at; 0 in answers about the cluster (HD-3)
 * @param raftTerm unsigned; for diagnosis
 */
public record Header(long clusterId, long memberId, long revision, long raftTerm) {}

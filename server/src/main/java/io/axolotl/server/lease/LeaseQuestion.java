package io.axolotl.server.lease;

/**
 * What only the leader can answer about a lease. Immutable.
 *
 * @param isRenewal whether the lease is to have its whole TTL again (LE-2); if not, only what is left is asked for (LE-4)
 */
public record LeaseQuestion(long id, boolean isRenewal) {}

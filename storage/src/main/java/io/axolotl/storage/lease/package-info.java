/**
 * Leases as replicated state (contract B.8): which there are, what TTL each was granted, and how much of it was left when a
 * leader last said so. No clock is read here. When a lease runs out is a matter of the leader ({@code server.lease}), which
 * has it ended by a command like any other.
 *
 * <p>{@link io.axolotl.storage.lease.LeaseRules} applies commands, {@link io.axolotl.storage.lease.LeaseChanges} is what a
 * run has done so far, {@link io.axolotl.storage.lease.LeaseTable} holds all leases as of the last run in memory: some 100
 * bytes each, so that a put finds its lease without the disk. What is durable lies in {@code meta}, written with the run
 * that it belongs to. Which keys hang on a lease is found in {@code storage.mvcc}, for it follows from the keys.
 *
 * <p><b>Guards.</b> An expiry and a checkpoint name the term whose leader proposed them, and mean nothing in an entry of
 * another term: a proposal that is forwarded, or held and tried again, may come late, when a newer leader has renewed the
 * lease (pitfall 53, fault P7). They also name the entry that granted the lease, for an id may be granted again.
 *
 * <p>Called by {@code storage.statemachine} on the apply thread; the table may be read by all threads.
 */
@NullMarked
package io.axolotl.storage.lease;

import org.jspecify.annotations.NullMarked;

/**
 * When leases run out: the one part of them that is not replicated state ({@code storage.lease} is). The leader keeps the
 * time; everybody else asks it.
 *
 * <p>{@link io.axolotl.server.lease.Lessor} knows for each lease when it ends, in two heaps, and nothing of threads or of
 * Raft. {@link io.axolotl.server.lease.LeaseKeeper} runs it on the member that leads: begins when it has applied the first
 * entry of its own term, has leases that have run out ended by commands, writes down what long leases have left, and answers
 * renewals once it is certain that it leads. {@link io.axolotl.server.lease.LeaseRouter} runs on every member and takes a
 * question to whoever leads.
 *
 * <p><b>Why no lease ends too early.</b> A renewal is answered only by a leader that a quorum has confirmed since the
 * question came, and less than an election timeout ago. Whoever leads next came after that confirmation, and gives every
 * lease its TTL (or what was written down as left) plus an election timeout, from its own beginning. What was written down
 * is taken back, through the log, before a renewal is answered. An expiry holds in the log of the term that proposed it
 * alone (storage.lease). Clocks are monotonic, and stand still while this process does not run (fault P7). docs/adr/0023 says
 * what else was thought of.
 *
 * <p>Thread rule: {@link io.axolotl.server.lease.LeaseKeeper} and {@link io.axolotl.server.lease.LeaseRouter} are safe for
 * all threads. Callbacks come on network and pipeline threads and must not block.
 */
@NullMarked
package io.axolotl.server.lease;

import org.jspecify.annotations.NullMarked;

/**
 * The workloads of runs that are judged by their histories ({@link io.axolotl.jepsen.chaos.workload.Workloads} has their names).
 *
 * <p>A {@link io.axolotl.jepsen.chaos.workload.Crowd} is the clients of one run: two that are pinned to each member and talk to no
 * other, and two that may go wherever the client library sends them; one of each two numbers its writes where the servers offer
 * that. Calls begin open loop, at the times that the rate demands, whether or not earlier ones have ended; each on a {@link
 * io.axolotl.jepsen.chaos.workload.Lane} of its client, which has one call at a time. What a call does is all that a workload adds,
 * and which judges look at it. Values are unique, so that whoever reads one knows who wrote it.
 *
 * <p>Nothing here asks for more than etcd's own API: all of it runs against etcd too, where writes are simply not numbered.
 *
 * <p>Thread rule: everything is safe for all threads, unless it says otherwise.
 */
@NullMarked
package io.axolotl.jepsen.chaos.workload;

import org.jspecify.annotations.NullMarked;

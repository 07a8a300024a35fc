/**
 * How long a cluster does not serve when its leader is hurt: the instrument behind the failover table of docs/benchmarks.md.
 *
 * <p>The ideas: the same faults, the same load and the same clock for every system, over etcd's own protocol; load through
 * every member at once, open loop, so that no client's patience is measured ({@link
 * io.axolotl.jepsen.workload.MemberLoad}); controls beside the faults, which show what the machine and the instrument
 * themselves do; and an audit of every write, since a fast failover that loses one is worth nothing.
 *
 * <p>{@link io.axolotl.jepsen.failover.FailoverMain} reads the command line and runs one {@code Series} per fault, system and
 * pair of timeouts; a {@code LeaderFault} is inflicted and undone; a {@code Repetition} is what it cost; the {@code FailoverReport}
 * sums up.
 *
 * <p>Thread rule: a series is confined to the main thread; load and status calls have threads of their own.
 */
@NullMarked
package io.axolotl.jepsen.failover;

import org.jspecify.annotations.NullMarked;

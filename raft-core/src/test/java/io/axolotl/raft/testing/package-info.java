/**
 * A small world in which real {@link io.axolotl.raft.RaftNode}s run without threads, clock, disk or network, and the
 * judges that watch them. Packaged as a test jar, so that the simulator over real storage uses the same judges.
 *
 * <p>{@link io.axolotl.raft.testing.MemoryDisk} keeps what was synced and loses the rest in a crash. {@link
 * io.axolotl.raft.testing.SimulatedNode} does for one node what the server's driver does: it obeys the order of a {@code
 * Ready}, with each completion under the test's control. {@link io.axolotl.raft.testing.ScenarioCluster} adds a network
 * and a clock. {@link io.axolotl.raft.testing.Scenario} reads stories in prose and plays them on a cluster. {@link
 * io.axolotl.raft.testing.SafetyChecker} hears everything and fails at the first broken promise.
 *
 * <p>Confined to the test's thread.
 */
@NullMarked
package io.axolotl.raft.testing;

import org.jspecify.annotations.NullMarked;

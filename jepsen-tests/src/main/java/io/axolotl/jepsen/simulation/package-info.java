/**
 * A world made from one seed, in which a cluster has to keep its promises (design D14).
 *
 * <p>The server's own recovery, driver, log writer, applier and handshake, over the real core, log and state machine, run on
 * virtual time, over a disk that loses, tears and reorders whatever was not synced, fails, fills and rots, and a network that
 * loses, repeats, delays and reorders messages. One seed
 * draws everything: the size of the cluster, its settings, the workload, every fault and its moment. The same seed gives
 * the same run to the last event, which the hash of the trace proves.
 *
 * <p>The ideas:
 *
 * <ul>
 *   <li>There is one queue of events ({@link io.axolotl.jepsen.simulation.VirtualTime}) and one thread. Whatever takes
 *       time (a message, a sync, a run of entries, a snapshot's transfer) is an event later on. No clock is read, no hash
 *       order is walked.
 *   <li>A {@link io.axolotl.jepsen.simulation.SimulatedNode} is a machine and survives; a {@link
 *       io.axolotl.jepsen.simulation.NodeProcess} is one life on it and is forgotten whole by a crash. A crash comes
 *       between any two disk operations, in the middle of a batch, or at any instant.
 *   <li>The {@link io.axolotl.jepsen.simulation.Judge} believes no node. Its memory outlives crashes; what is durable it
 *       learns from the disk below the node's code ({@link io.axolotl.jepsen.simulation.DiskObserver}). It speaks after
 *       every event: votes, leaders, the one committed log, what may be sent, what clients may be told.
 *   <li>What clients saw is judged twice: by revisions, which is cheap ({@link
 *       io.axolotl.jepsen.simulation.RevisionChecker}), and by a search that believes nobody ({@link
 *       io.axolotl.jepsen.simulation.LinearizabilityChecker}).
 *   <li>What was promised to be kept may be destroyed, but only where the rest can make up for it ({@link
 *       io.axolotl.jepsen.simulation.FaultAtlas}); who is lost is replaced by an {@link
 *       io.axolotl.jepsen.simulation.Operator}.
 *   <li>Safety first, liveness second: after the faults a majority is healed and nothing else, and must make progress.
 *   <li>A judge that never saw a bug proves nothing: each {@link io.axolotl.jepsen.simulation.PlantedBug}, which a {@link
 *       io.axolotl.jepsen.simulation.Saboteur} puts between the parts, has to be caught within a stated number of seeds.
 *   <li>A failure is made small by itself ({@link io.axolotl.jepsen.simulation.Shrinker}).
 * </ul>
 *
 * <p>Who calls whom: {@link io.axolotl.jepsen.simulation.Simulation} assembles a {@link
 * io.axolotl.jepsen.simulation.Cluster}, lets {@link io.axolotl.jepsen.simulation.SimulatedClient}s and a {@link
 * io.axolotl.jepsen.simulation.Nemesis} at it, in some worlds {@link io.axolotl.jepsen.simulation.NumberedClient}s too, which
 * repeat what they do not know the end of ({@link io.axolotl.jepsen.simulation.SessionOracle} says what that may change), and ends with a {@link io.axolotl.jepsen.simulation.SimulationResult}.
 * {@link io.axolotl.jepsen.simulation.SimulateMain} is the command.
 *
 * <p>How a line of the trace reads: virtual milliseconds, node (or {@code -} for the world), event, details. The events
 * are the core's {@link io.axolotl.raft.TraceEvent}s and those of the world: start, killed, power cut, fault.
 *
 * <p>Thread rule: a simulation is confined to one thread; several may run in several threads.
 */
@NullMarked
package io.axolotl.jepsen.simulation;

import org.jspecify.annotations.NullMarked;

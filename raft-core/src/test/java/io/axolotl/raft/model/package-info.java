/**
 * A bounded model checker over the real core: every order of deliveries, losses, repetitions, time-outs, syncs, crashes,
 * proposals, changes and reads of a small cluster, to a stated depth, with the paper's properties judged in every state.
 *
 * <p>Three ideas make it small and fast:
 *
 * <ul>
 *   <li>A node is an automaton. Each event touches one node, and the core is deterministic, so what a node does depends on
 *       nothing but what it has been through. {@link io.axolotl.raft.model.Automaton} runs the real {@code RaftNode} once for
 *       each pair of a node's state and an event, on a node that has just come into that state, or else by playing the events
 *       that lead there from the beginning, and remembers what came of it. The cluster is the product of these automata: to
 *       explore it costs table look-ups.
 *   <li>A state is whatever the core consists of. {@link io.axolotl.raft.model.CoreShape} walks over all fields of the
 *       node by reflection, times as distances from now: a field that somebody adds tomorrow is in the fingerprint by
 *       itself, and a type that it has no rule for stops the run. Two states that differ only in who is called what have
 *       the same fingerprint under some renaming of the nodes; the least one over all renamings of the model stands for all.
 *   <li>A message that is never delivered is a lost one, so losing needs no event of its own. Each node has its own clock, so
 *       time may pass on one node and stand still on another; crashes come between any two events of a node and between a
 *       sync and its report.
 * </ul>
 *
 * <p>The search is breadth first, so the counter-example that {@link io.axolotl.raft.model.Explorer} gives is a shortest one;
 * {@link io.axolotl.raft.model.Story} tells it in words. {@link io.axolotl.raft.model.Judge} holds the properties, {@link
 * io.axolotl.raft.model.ModelBug} the bugs that prove that it sees, {@link io.axolotl.raft.model.Models} the clusters.
 *
 * <p>What it leaves out: snapshots, leases, hints of a leader's end, slow disks (the simulators have them). States are
 * told apart by a hash of 64 bits: among 20 million of them two collide with a chance of one in 90,000.
 *
 * <p>Confined to the test's thread.
 */
@NullMarked
package io.axolotl.raft.model;

import org.jspecify.annotations.NullMarked;

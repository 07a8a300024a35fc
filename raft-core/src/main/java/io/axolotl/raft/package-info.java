/**
 * Raft as a pure state machine: inputs go in, one {@link io.axolotl.raft.Ready} comes out.
 *
 * <p>There is one door, {@link io.axolotl.raft.RaftNode}. Messages, proposals, the passing of time and the completions of
 * disk writes all enter by {@code step}; what the caller owes leaves by {@code takeReady}. Nothing in here waits, reads a
 * clock, draws a random number, writes a log line or touches a file, so the class that runs in production is the class
 * that scenarios and the simulator run, and a seed replays a run exactly.
 *
 * <p>Three ideas carry the design:
 *
 * <ul>
 *   <li>The durability contract is a type. A message that rests on something unsynced is in {@code sendAfterPersist}, all
 *       others are in {@code sendNow}; completions come back as {@link io.axolotl.raft.Input.Persisted}, and only they
 *       let a node count its own vote or its own entries (pitfalls 1, 9, 15).
 *   <li>A role is an object. {@code Follower}, {@code PreCandidate}, {@code Candidate} and {@code Leader} hold only what
 *       exists in that role; what outlives a role is in {@code NodeState}. Each method takes the shared state and an
 *       {@code Outbox} and returns the next role, so a transition is a {@code return}.
 *   <li>Sending happens when the {@code Ready} is taken, not when something is appended. Whatever was stepped in between
 *       leaves as one request per follower, which is group commit without a special case.
 * </ul>
 *
 * <p>A change of the membership is an entry like any other, but in force from the moment it is appended. The leader begins
 * it ({@code ChangeRule} says when it may), leaves the joint membership when that is committed, whoever began it, hands over
 * if the new membership gives it no vote, and speaks to who was removed until they know ({@code RemovedPeers}).
 *
 * <p>What happens is told in {@link io.axolotl.raft.TraceEvent}s; {@code Invariants} compares the state before and after
 * every step and stops the node when one is broken.
 *
 * <p>Arrows: this package uses {@code message}, {@code log}, {@code membership} and {@code replication}, and nobody below
 * knows it. All mutable classes are confined to the driver thread. Raft (extended version) §5 to §8; thesis §3.10
 * (transfer), chapter 4 (membership), §6.2 (check of the quorum), §6.4 (reads), §9.6 (pre-vote), §10.2.1 (the leader writes in parallel).
 */
@NullMarked
package io.axolotl.raft;

import org.jspecify.annotations.NullMarked;

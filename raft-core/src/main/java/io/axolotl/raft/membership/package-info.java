/**
 * Who belongs to the cluster, and how many of them are enough.
 *
 * <p>A {@link io.axolotl.raft.membership.Membership} is a value. It is in force from the moment its entry is appended,
 * not from the moment it is committed (thesis §4.1), so a node keeps a small {@link
 * io.axolotl.raft.membership.MembershipHistory}: what the newest snapshot says, and every membership that the log has
 * brought since. When the log's suffix is cut, the history is rolled back with it (pitfall 34).
 *
 * <p>Membership changes by joint consensus (Raft §6), whatever the change: any number of nodes may come, go, be promoted
 * and be demoted at once. {@link io.axolotl.raft.membership.MembershipChange} says what is to become of whom, {@link
 * io.axolotl.raft.membership.Membership#after} what that makes of the membership in force, and {@link
 * io.axolotl.raft.membership.Membership#enter} the entry to begin with: a joint membership, in which every decision needs
 * both the old and the new majority, or the final one at once if only learners differ. From the joint one there is a single
 * way on, {@link io.axolotl.raft.membership.Membership#leaveJoint}, which whoever leads takes when it is committed. Of two
 * memberships that follow each other, therefore, no two majorities miss each other.
 *
 * <p>What else is known of a node (its name, its addresses, whether a learner is a standby that may take the place of a
 * dead voter) is not here but in the state machine's record of it. The core would do nothing with it: to promote a standby
 * is a change like any other, decided by who watches the cluster and asked for by the same input.
 *
 * <p>There is exactly one rule for "enough": {@link io.axolotl.raft.membership.JointQuorum#agreed}, the largest value
 * that a majority of every half of the membership has reached. Committing asks it for an index, confirming a read for a
 * round, an election and the leader's check of its quorum for a yes. Systems that wrote this rule more than once got one
 * of the copies wrong: learners counted, the leader counted twice, one half of a joint membership forgotten (pitfall
 * 29).
 *
 * <p>This package knows nothing of logs, messages or time; the packages above use it. Values are immutable, the history
 * and the tally are confined to the driver thread. Raft §6, thesis chapter 4.
 */
@NullMarked
package io.axolotl.raft.membership;

import org.jspecify.annotations.NullMarked;

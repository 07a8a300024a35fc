/**
 * Who belongs to the cluster, and how many of them are enough.
 *
 * <p>A {@link io.axolotl.raft.membership.Membership} is a value. It is in force from the moment its entry is appended,
 * not from the moment it is committed (thesis §4.1), so a node keeps a small {@link
 * io.axolotl.raft.membership.MembershipHistory}: what the newest snapshot says, and every membership that the log has
 * brought since. When the log's suffix is cut, the history is rolled back with it (pitfall 34).
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

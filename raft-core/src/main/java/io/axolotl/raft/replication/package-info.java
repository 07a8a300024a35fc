/**
 * What a leader believes of one follower, and how much it dares to send on that belief.
 *
 * <p>{@link io.axolotl.raft.replication.Progress} is in one of three states:
 *
 * <pre>
 *                 accepted
 *        probe --------------&gt; replicate
 *         ^ |  ^                  |
 *         | |  +------------------+  refused, unreachable, answers overdue
 *         | |
 *         | +-----------------&gt; snapshot   the log no longer holds what the follower needs
 *         +---------------------+          installed, failed, unreachable
 * </pre>
 *
 * <p>In probe the leader looks for a common entry with one small question at a time. In replicate it sends ahead of the
 * answers, bounded by an {@link io.axolotl.raft.replication.InflightWindow} in messages and bytes. Each way back to probe
 * starts a new epoch, so that the answers to what was in flight before can prove entries but no longer move the window
 * (pitfall 61).
 *
 * <p>A leaf: plain numbers, no messages, no log, no clock. Confined to the driver thread. Raft §5.3, thesis §10.2.
 */
@NullMarked
package io.axolotl.raft.replication;

import org.jspecify.annotations.NullMarked;

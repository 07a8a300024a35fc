package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;

/**
 * Leadership on its way to {@code target} (thesis §3.10). Bounded: what has not happened by the deadline is called off
 * (pitfall 66).
 *
 * <p>Immutable.
 *
 * @param isAsked the target has been told to campaign; that is said once
 */
record LeadershipTransfer(NodeId target, long deadlineNanos, boolean isAsked) {
    LeadershipTransfer asked() {
        return new LeadershipTransfer(target, deadlineNanos, true);
    }
}

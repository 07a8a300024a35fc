package io.axolotl.raft;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.replication.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Nodes that the membership in force leaves out and that a leader still speaks to, so that they learn of it: a node that is
 * not told would ask for votes for as long as it runs, and its operator would look for a fault that is none (pitfall 21).
 *
 * <p>A node is released when it has answered after it was told that its removal is committed, or a while after the
 * commit if it does not answer. Confined to the driver thread.
 */
final class RemovedPeers {
    /** For so many election timeouts after its removal was committed a silent node is still told. */
    private static final int TELL_FOR_ELECTIONS = 10;

    /** What is known of one removed node; both times mean nothing until their flag is set. */
    private static final class Farewell {
        final Progress progress;
        boolean isCommitted;
        long deadlineNanos;
        boolean isTold;
        long toldAtNanos;

        Farewell(Progress progress) {
            this.progress = progress;
        }
    }

    private final TreeMap<NodeId, Farewell> farewells = new TreeMap<>();

    void add(NodeId peer, Progress progress) {
        farewells.putIfAbsent(peer, new Farewell(progress));
    }

    /** The node is a member again. */
    void remove(NodeId peer) {
        farewells.remove(peer);
    }

    boolean contains(NodeId peer) {
        return farewells.containsKey(peer);
    }

    /** A heartbeat interval has passed: removes and returns those that nothing more is owed to. */
    List<NodeId> release(NodeState state, Outbox out) {
        if (farewells.isEmpty() || state.membershipIndex() > state.log().commitIndex()) {
            return List.of();
        }
        List<NodeId> released = new ArrayList<>();
        farewells.forEach((peer, farewell) -> {
            boolean isTold = isTold(farewell, state);
            if (isTold || state.isDue(farewell.deadlineNanos)) {
                released.add(peer);
                out.trace(new TraceEvent.RemovedPeerReleased(peer, isTold));
            }
        });
        released.forEach(farewells::remove);
        return released;
    }

    /** Told, and heard again at least a heartbeat later: by then it was told more than once, and at least once received. */
    private static boolean isTold(Farewell farewell, NodeState state) {
        long nowNanos = state.nowNanos();
        if (!farewell.isCommitted) {
            farewell.isCommitted = true;
            farewell.deadlineNanos =
                    nowNanos + TELL_FOR_ELECTIONS * state.config().electionTimeoutNanos();
        }
        if (!farewell.isTold && farewell.progress.toldCommitIndex() >= state.membershipIndex()) {
            farewell.isTold = true;
            farewell.toldAtNanos = nowNanos;
            return false;
        }
        return farewell.isTold
                && farewell.progress.isHeardSince(
                        farewell.toldAtNanos + state.config().heartbeatIntervalNanos());
    }
}

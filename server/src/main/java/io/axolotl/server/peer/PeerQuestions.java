package io.axolotl.server.peer;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.lease.LeaseAnswer;
import io.axolotl.server.lease.LeaseQuestion;
import java.util.function.Consumer;

/**
 * Answers what other processes ask of this node beside the streams.
 *
 * <p>Called from network threads; must not block and must not throw.
 */
public interface PeerQuestions {
    ClusterDescription describe();

    Readiness readiness(NodeId learner);

    /** What this node, as leader, says of a lease. One call of {@code answer}, perhaps later and on another thread. */
    void lease(LeaseQuestion question, Consumer<LeaseAnswer> answer);

    /** Whether a learner may be promoted, as the leader sees it (CL-3). */
    enum Readiness {
        /** The one who was asked does not lead. */
        NOT_LEADER,
        /** No member. */
        NOT_FOUND,
        /** It lags behind the leader's log. */
        NOT_READY,
        /** It holds enough of the log, or is a voter already. */
        READY
    }
}

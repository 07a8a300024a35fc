package io.axolotl.raft.membership;

import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * What it takes to decide anything under one {@link Membership}: a majority of its voters and, while it is joint, also a
 * majority of its outgoing voters (Raft §6). Learners are never asked. Commit, votes, read confirmation and the leader's
 * check of its quorum all come here (pitfall 29).
 *
 * <p>Immutable.
 */
public final class JointQuorum {
    private final Quorum incoming;
    private final Quorum outgoing;

    public JointQuorum(Membership membership) {
        incoming = new Quorum(membership.voters());
        outgoing = new Quorum(membership.outgoingVoters());
    }

    /** The largest value that the quorum has reached, where {@code reached} tells how far each voter has come. */
    public long agreed(ToLongFunction<NodeId> reached) {
        return Math.min(incoming.agreed(reached), outgoing.agreed(reached));
    }

    /** Whether those of whom {@code says} holds are enough. */
    public boolean isReached(Predicate<NodeId> says) {
        return agreed(voter -> says.test(voter) ? 1 : 0) == 1;
    }
}

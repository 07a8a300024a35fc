package io.axolotl.raft.membership;

import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The answers to one round of vote requests. Holds voters, not a count, so that a repeated answer changes nothing; the
 * first answer of a voter stands (pitfall 3). Answers of nodes that have no vote are kept and never looked at.
 *
 * <p>Confined to the driver thread.
 */
public final class VoteTally {
    /** Where an election stands. */
    public enum Outcome {
        WON,
        /** Even if all who are silent still said yes, it would not be enough. */
        LOST,
        OPEN
    }

    private final JointQuorum quorum;
    private final NavigableSet<NodeId> granted = new TreeSet<>();
    private final NavigableSet<NodeId> refused = new TreeSet<>();

    public VoteTally(JointQuorum quorum) {
        this.quorum = quorum;
    }

    /** Takes the answer of {@code voter}, unless it has answered before. */
    public void record(NodeId voter, boolean isGranted) {
        if (!granted.contains(voter) && !refused.contains(voter)) {
            (isGranted ? granted : refused).add(voter);
        }
    }

    public Outcome outcome() {
        if (quorum.isReached(granted::contains)) {
            return Outcome.WON;
        }
        return quorum.isReached(voter -> !refused.contains(voter)) ? Outcome.OPEN : Outcome.LOST;
    }
}

package io.axolotl.raft.membership;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What is to become of whom. Names only nodes whose part changes; everybody else keeps theirs. Any number of nodes may
 * change at once. Built from {@link #NONE}:
 *
 * <pre>{@code MembershipChange.NONE.withVoter(d).without(a)}</pre>
 *
 * <p>Immutable.
 *
 * @param voters nodes that are to vote: unknown so far, or learners that are promoted
 * @param learners nodes that are to learn: unknown so far, or voters that are demoted
 * @param removed nodes that are to leave
 */
public record MembershipChange(
        NavigableSet<NodeId> voters, NavigableSet<NodeId> learners, NavigableSet<NodeId> removed) {
    /** Changes nothing; the beginning of every other change, and refused by itself. */
    public static final MembershipChange NONE = new MembershipChange(
            Collections.emptyNavigableSet(), Collections.emptyNavigableSet(), Collections.emptyNavigableSet());

    /** @throws IllegalArgumentException if a node is named twice */
    public MembershipChange {
        voters = Collections.unmodifiableNavigableSet(new TreeSet<>(voters));
        learners = Collections.unmodifiableNavigableSet(new TreeSet<>(learners));
        removed = Collections.unmodifiableNavigableSet(new TreeSet<>(removed));
        NavigableSet<NodeId> all = new TreeSet<>(voters);
        all.addAll(learners);
        all.addAll(removed);
        if (all.size() < voters.size() + learners.size() + removed.size()) {
            throw new IllegalArgumentException("a node is named twice in one change: voters " + voters + ", learners "
                    + learners + ", removed " + removed);
        }
    }

    public MembershipChange withVoter(NodeId node) {
        return new MembershipChange(plus(voters, node), learners, removed);
    }

    public MembershipChange withLearner(NodeId node) {
        return new MembershipChange(voters, plus(learners, node), removed);
    }

    public MembershipChange without(NodeId node) {
        return new MembershipChange(voters, learners, plus(removed, node));
    }

    public boolean isEmpty() {
        return voters.isEmpty() && learners.isEmpty() && removed.isEmpty();
    }

    private static NavigableSet<NodeId> plus(NavigableSet<NodeId> set, NodeId node) {
        NavigableSet<NodeId> more = new TreeSet<>(set);
        more.add(node);
        return more;
    }
}

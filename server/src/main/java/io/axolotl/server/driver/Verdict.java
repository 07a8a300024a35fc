package io.axolotl.server.driver;

import io.axolotl.raft.membership.JointQuorum;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.mvcc.Checkpoints;
import io.axolotl.storage.mvcc.Divergence;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whose history is right: what a quorum of witnesses say, all alike. A pure rule over what was heard, so that it can be held
 * against every small case.
 *
 * <p>A <b>witness</b> has applied the disputed entries itself. Who copied what they came to, by installing a snapshot, only
 * repeats what its source says: two members of which one copied from the other are one opinion, and a diverged leader that
 * sends its snapshot to all who lag must not become a majority by that. So a member is a witness only if all who are heard
 * to differ from it were still equal to it at some index at or behind the end of what it copied.
 *
 * <p>One voter alone is no verdict, though it is a quorum of a cluster with one voter: it cannot bear witness for itself.
 *
 * <p>Histories are compared at the newest index at which a quorum can be found. What once differs differs ever after, so every
 * index behind the difference would do; but a member that fell silent, or lags, has none of the newest.
 *
 * <p>Immutable.
 *
 * @param at where the histories were compared
 * @param right all who were heard to have the right one there, witnesses or not
 */
record Verdict(long at, List<NodeId> right) {
    /**
     * What one member says of its history.
     *
     * @param copiedThrough the last entry that it did not apply itself
     */
    record Testimony(Checkpoints checkpoints, long copiedThrough) {}

    /**
     * @param judge its own testimony has to be among those heard; it is compared at an index that it has
     * @param found what is disputed, whether or not all who dispute it were heard
     * @return null if no quorum of witnesses agrees
     */
    static @Nullable Verdict reach(
            NodeId judge, Membership membership, Map<NodeId, Testimony> heard, Divergence found) {
        TreeSet<NodeId> witnesses = heard.keySet().stream()
                .filter(member -> isWitness(member, heard, found))
                .collect(Collectors.toCollection(TreeSet::new));
        JointQuorum quorum = new JointQuorum(membership);
        long[] indexes = testimony(judge, heard).checkpoints.indexes();
        for (int i = indexes.length - 1; i >= 0 && indexes[i] >= found.differsIndex(); i--) {
            for (TreeSet<NodeId> camp : campsAt(indexes[i], heard).values()) {
                TreeSet<NodeId> heardOf = new TreeSet<>(camp);
                heardOf.retainAll(witnesses);
                if (heardOf.size() > 1 && quorum.isReached(heardOf::contains)) {
                    return new Verdict(indexes[i], List.copyOf(camp));
                }
            }
        }
        return null;
    }

    /** Who has which digest at an index. */
    private static Map<Long, TreeSet<NodeId>> campsAt(long index, Map<NodeId, Testimony> heard) {
        Map<Long, TreeSet<NodeId>> camps = new TreeMap<>();
        heard.forEach((member, testimony) -> {
            if (testimony.checkpoints.has(index)) {
                camps.computeIfAbsent(testimony.checkpoints.digestAt(index), digest -> new TreeSet<>())
                        .add(member);
            }
        });
        return camps;
    }

    private static boolean isWitness(NodeId member, Map<NodeId, Testimony> heard, Divergence found) {
        Testimony own = testimony(member, heard);
        if (own.copiedThrough == 0) {
            return true;
        }
        long agreed = found.agreedIndex();
        for (Testimony other : heard.values()) {
            if (own.checkpoints.differsFrom(other.checkpoints) != Checkpoints.NOWHERE) {
                agreed = Math.min(agreed, own.checkpoints.equalThrough(other.checkpoints));
            }
        }
        return own.copiedThrough <= agreed;
    }

    private static Testimony testimony(NodeId of, Map<NodeId, Testimony> heard) {
        Testimony found = heard.get(of);
        if (found == null) {
            throw new AssertionError("nothing was heard of member " + of);
        }
        return found;
    }
}

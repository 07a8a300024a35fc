package io.axolotl.jepsen.simulation;

import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.mvcc.Digest;
import java.util.HashMap;
import java.util.Map;

/**
 * Holds the states of nodes against each other: at equal points of the log they are equal (I7). Confined to the simulation's thread.
 */
final class StateJudge {
    /** States are compared so often; the rolling digests of what made them at each entry. */
    private static final int DIGEST_EVERY = 8;

    private record NodeDigest(NodeId node, long digest) {}

    private record StateDigest(NodeId node, Digest digest) {}

    private final Marks marks;
    private final Map<Long, NodeDigest> histories = new HashMap<>();
    private final Map<Long, StateDigest> digests = new HashMap<>();

    StateJudge(Marks marks) {
        this.marks = marks;
    }

    /** @param digest the rolling digest of exactly the entries through {@code index} and of what they did */
    void history(NodeId node, long index, long digest) {
        NodeDigest before = histories.putIfAbsent(index, new NodeDigest(node, digest));
        if (before != null && before.digest != digest) {
            throw new InvariantViolation(
                    "I7 equal histories",
                    "the rolling digests after index " + index + " differ: node " + before.node + " has "
                            + Long.toHexString(before.digest) + " and node " + node + " has "
                            + Long.toHexString(digest));
        }
    }

    /** Whether the digest of the state after this index is worth its price: another node has told its own, or will. */
    boolean wantsDigest(long index) {
        return digests.containsKey(index) || index % DIGEST_EVERY == 0;
    }

    /** @param digest of the logical state after exactly the entries through {@code index} */
    void digest(NodeId node, long index, Digest digest) {
        StateDigest before = digests.putIfAbsent(index, new StateDigest(node, digest));
        if (before == null) {
            return;
        }
        marks.hit("judge: two states compared");
        if (!before.digest().equals(digest)) {
            throw new InvariantViolation(
                    "I7 replica equality",
                    "after index " + index + " node " + before.node() + " has " + before.digest() + " and node " + node
                            + " has " + digest);
        }
    }
}

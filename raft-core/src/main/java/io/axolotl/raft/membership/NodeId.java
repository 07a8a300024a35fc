package io.axolotl.raft.membership;

/**
 * Who a node is, for as long as its data folder lives. Zero is no node at all and is refused, so that an
 * unset field on the wire or on disk can never name one. Ids are unsigned 64-bit, as etcd's member ids are.
 *
 * <p>Immutable.
 */
public record NodeId(long value) implements Comparable<NodeId> {
    public NodeId {
        if (value == 0) {
            throw new IllegalArgumentException("node id 0 is reserved for \"none\"");
        }
    }

    /** Orders ids as unsigned numbers, the order in which people read them in hex. */
    @Override
    public int compareTo(NodeId other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** Lower-case hex without padding, as etcd prints member ids. */
    @Override
    public String toString() {
        return Long.toHexString(value);
    }
}

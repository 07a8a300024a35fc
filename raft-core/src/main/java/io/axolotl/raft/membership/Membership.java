package io.axolotl.raft.membership;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Who belongs to the cluster. While {@code outgoingVoters} is not empty the cluster is between two configurations
 * (joint consensus, Raft §6): every decision needs a majority of {@code voters} and a majority of {@code
 * outgoingVoters}. A learner receives entries and counts for nothing.
 *
 * <p>Iterates in id order everywhere, so that a seed replays exactly. Immutable.
 *
 * @param voters never empty
 * @param outgoingVoters the voters of the configuration that is being left; empty outside a change
 * @param learners disjoint from both
 */
public record Membership(
        NavigableSet<NodeId> voters, NavigableSet<NodeId> outgoingVoters, NavigableSet<NodeId> learners) {
    private static final int VERSION = 1;

    public Membership {
        voters = copy(voters);
        outgoingVoters = copy(outgoingVoters);
        learners = copy(learners);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a membership needs at least one voter");
        }
        for (NodeId learner : learners) {
            if (voters.contains(learner) || outgoingVoters.contains(learner)) {
                throw new IllegalArgumentException("node " + learner + " is both voter and learner");
            }
        }
    }

    public static Membership ofVoters(Iterable<NodeId> voters) {
        NavigableSet<NodeId> set = new TreeSet<>();
        voters.forEach(set::add);
        return new Membership(set, Collections.emptyNavigableSet(), Collections.emptyNavigableSet());
    }

    public boolean isJoint() {
        return !outgoingVoters.isEmpty();
    }

    public boolean isVoter(NodeId node) {
        return voters.contains(node) || outgoingVoters.contains(node);
    }

    public boolean contains(NodeId node) {
        return isVoter(node) || learners.contains(node);
    }

    /** Every node of every role, in id order. */
    public NavigableSet<NodeId> all() {
        NavigableSet<NodeId> all = new TreeSet<>(voters);
        all.addAll(outgoingVoters);
        all.addAll(learners);
        return Collections.unmodifiableNavigableSet(all);
    }

    /**
     * The payload of a membership entry: version byte 1, then for voters, outgoing voters and learners in this order a
     * count byte and that many ids of 8 bytes, big-endian, ascending.
     */
    public byte[] encode() {
        byte[] out = new byte[4 + 8 * (voters.size() + outgoingVoters.size() + learners.size())];
        out[0] = VERSION;
        int at = 1;
        at = encodeSet(voters, out, at);
        at = encodeSet(outgoingVoters, out, at);
        encodeSet(learners, out, at);
        return out;
    }

    /** @throws IllegalArgumentException if the bytes are no membership of a version known here */
    public static Membership decode(byte[] bytes) {
        if (bytes.length < 4 || bytes[0] != VERSION) {
            throw new IllegalArgumentException("not a membership of version 1");
        }
        int[] at = {1};
        NavigableSet<NodeId> voters = decodeSet(bytes, at);
        NavigableSet<NodeId> outgoing = decodeSet(bytes, at);
        NavigableSet<NodeId> learners = decodeSet(bytes, at);
        if (at[0] != bytes.length) {
            throw new IllegalArgumentException("a membership is followed by bytes that do not belong to it");
        }
        return new Membership(voters, outgoing, learners);
    }

    private static NavigableSet<NodeId> copy(NavigableSet<NodeId> set) {
        return Collections.unmodifiableNavigableSet(new TreeSet<>(set));
    }

    private static int encodeSet(NavigableSet<NodeId> set, byte[] out, int start) {
        if (set.size() > 255) {
            throw new IllegalArgumentException("at most 255 nodes of one role, got " + set.size());
        }
        int at = start;
        out[at++] = (byte) set.size();
        for (NodeId id : set) {
            for (int shift = 56; shift >= 0; shift -= 8) {
                out[at++] = (byte) (id.value() >>> shift);
            }
        }
        return at;
    }

    private static NavigableSet<NodeId> decodeSet(byte[] bytes, int[] at) {
        if (at[0] >= bytes.length || bytes.length - at[0] - 1 < 8 * (bytes[at[0]] & 0xff)) {
            throw new IllegalArgumentException("a membership is cut short");
        }
        int count = bytes[at[0]++] & 0xff;
        NavigableSet<NodeId> set = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            long value = 0;
            for (int b = 0; b < 8; b++) {
                value = (value << 8) | (bytes[at[0]++] & 0xff);
            }
            set.add(new NodeId(value));
        }
        return set;
    }
}

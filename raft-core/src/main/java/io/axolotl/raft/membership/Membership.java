package io.axolotl.raft.membership;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to the cluster. While {@code outgoingVoters} is not empty the cluster is between two configurations
 * (joint consensus, Raft §6): every decision needs a majority of {@code voters} and a majority of {@code
 * outgoingVoters}. A learner receives entries and counts for nothing.
 *
 * <p>{@code voters} and {@code learners} are those of the membership that is being entered, so leaving the joint state
 * means to forget the outgoing voters and nothing else. An outgoing voter that is to become a learner is in both sets: it
 * votes in the outgoing half until that is forgotten, and learns from then on.
 *
 * <p>Iterates in id order everywhere, so that a seed replays exactly. Immutable.
 *
 * @param voters never empty
 * @param outgoingVoters the voters of the configuration that is being left; empty outside a change
 * @param learners disjoint from {@code voters}
 */
public record Membership(
        NavigableSet<NodeId> voters, NavigableSet<NodeId> outgoingVoters, NavigableSet<NodeId> learners) {
    private static final int VERSION = 1;
    private static final int MAX_NODES_OF_ONE_ROLE = 255;

    public Membership {
        voters = copy(voters);
        outgoingVoters = copy(outgoingVoters);
        learners = copy(learners);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a membership needs at least one voter");
        }
        for (NodeId learner : learners) {
            if (voters.contains(learner)) {
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

    /** Whether {@code node} is a quorum by itself. */
    public boolean isSoleVoter(NodeId node) {
        return voters.size() == 1 && voters.contains(node) && !isJoint();
    }

    /** Whether {@code node} receives entries and has no vote, in neither half. */
    public boolean isLearner(NodeId node) {
        return learners.contains(node) && !outgoingVoters.contains(node);
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

    // Changes

    /** Why {@code change} makes no sense from here, for people; null if it does. */
    public @Nullable String objectionTo(MembershipChange change) {
        if (isJoint()) {
            return "the cluster is still leaving voters " + outgoingVoters + " for " + voters;
        }
        if (change.isEmpty()) {
            return "it changes nothing";
        }
        for (NodeId node : change.voters()) {
            if (voters.contains(node)) {
                return "node " + node + " is a voter already";
            }
        }
        for (NodeId node : change.learners()) {
            if (learners.contains(node)) {
                return "node " + node + " is a learner already";
            }
        }
        for (NodeId node : change.removed()) {
            if (!contains(node)) {
                return "node " + node + " is no member";
            }
        }
        NavigableSet<NodeId> remaining = votersAfter(change);
        if (remaining.isEmpty()) {
            return "it would leave no voter";
        }
        if (remaining.size() > MAX_NODES_OF_ONE_ROLE || learnersAfter(change).size() > MAX_NODES_OF_ONE_ROLE) {
            return "more than " + MAX_NODES_OF_ONE_ROLE + " nodes of one role";
        }
        return null;
    }

    /**
     * What is in force when {@code change} is over; never joint.
     *
     * @throws IllegalArgumentException if there is an {@link #objectionTo} it
     */
    public Membership after(MembershipChange change) {
        String objection = objectionTo(change);
        if (objection != null) {
            throw new IllegalArgumentException(objection);
        }
        return new Membership(votersAfter(change), Collections.emptyNavigableSet(), learnersAfter(change));
    }

    /**
     * The first step from here to {@code target}: joint if the voters differ, and {@code target} itself if only learners
     * do, for these are counted in no majority.
     */
    public Membership enter(Membership target) {
        return voters.equals(target.voters) ? target : new Membership(target.voters, voters, target.learners);
    }

    /** What comes after the joint state: the outgoing voters have no more say. */
    public Membership leaveJoint() {
        return new Membership(voters, Collections.emptyNavigableSet(), learners);
    }

    /**
     * Whether {@code next} is one legal step from here (Raft §6, I16): out of a joint state only by leaving it; else by a
     * change of learners alone, or into a joint state that keeps today's voters as its outgoing half. A snapshot, a cut of
     * the log's suffix and the first membership of a cluster are no steps: they replace what is in force.
     */
    public boolean mayStepTo(Membership next) {
        if (isJoint()) {
            return next.equals(leaveJoint());
        }
        return next.isJoint()
                ? next.outgoingVoters.equals(voters) && !next.voters.equals(voters)
                : next.voters.equals(voters);
    }

    private NavigableSet<NodeId> votersAfter(MembershipChange change) {
        NavigableSet<NodeId> after = new TreeSet<>(voters);
        after.removeAll(change.learners());
        after.removeAll(change.removed());
        after.addAll(change.voters());
        return after;
    }

    private NavigableSet<NodeId> learnersAfter(MembershipChange change) {
        NavigableSet<NodeId> after = new TreeSet<>(learners);
        after.removeAll(change.voters());
        after.removeAll(change.removed());
        after.addAll(change.learners());
        return after;
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
        if (set.size() > MAX_NODES_OF_ONE_ROLE) {
            throw new IllegalArgumentException(
                    "at most " + MAX_NODES_OF_ONE_ROLE + " nodes of one role, got " + set.size());
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

package io.axolotl.storage.statemachine;

import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.statemachine.MemberRecord.Goal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who belongs to the cluster as of some applied entry, who is to, and whose id is used up (docs/adr/0009).
 *
 * <p>The membership is Raft's and decides who counts. The records say how to reach a member, and what the membership is to
 * become where it is not that yet. {@link #dueChange} is the difference, which the leader works off.
 *
 * <p>Immutable: safe for all threads.
 */
public final class Roster {
    private final Membership membership;
    private final NavigableMap<Long, MemberRecord> records;
    private final NavigableSet<Long> removed;
    private final List<MemberAttributes> members;
    private final MembershipChange due;

    Roster(Membership membership, NavigableMap<Long, MemberRecord> records, NavigableSet<Long> removed) {
        this.membership = membership;
        this.records = Collections.unmodifiableNavigableMap(records);
        this.removed = Collections.unmodifiableNavigableSet(removed);
        this.members = membersOf(membership, records);
        this.due = dueOf(membership, records, removed);
    }

    /** What a new cluster begins with, the same on every member of it. */
    static Roster founding(Membership membership, List<MemberAttributes> founders) {
        NavigableMap<Long, MemberRecord> records = emptyRecords();
        founders.forEach(founder -> records.put(founder.id(), MemberRecord.of(founder)));
        return new Roster(membership, records, emptyIds());
    }

    static NavigableMap<Long, MemberRecord> emptyRecords() {
        return new TreeMap<>(Long::compareUnsigned);
    }

    static NavigableSet<Long> emptyIds() {
        return new TreeSet<>(Long::compareUnsigned);
    }

    private static List<MemberAttributes> membersOf(Membership membership, NavigableMap<Long, MemberRecord> records) {
        List<MemberAttributes> members = new ArrayList<>();
        for (NodeId node : membership.all()) {
            MemberRecord known = records.get(node.value());
            MemberAttributes attributes =
                    known == null ? MemberAttributes.unknown(node.value()) : known.attributes();
            members.add(attributes.asLearner(membership.isLearner(node)));
        }
        return Collections.unmodifiableList(members);
    }

    private static MembershipChange dueOf(
            Membership membership, NavigableMap<Long, MemberRecord> records, NavigableSet<Long> removed) {
        MembershipChange due = MembershipChange.NONE;
        for (NodeId node : membership.all()) {
            if (removed.contains(node.value())) {
                due = due.without(node);
            }
        }
        for (MemberRecord each : records.values()) {
            NodeId node = new NodeId(each.attributes().id());
            if (removed.contains(node.value()) || isReached(each.goal(), node, membership)) {
                continue;
            }
            due = each.goal() == Goal.VOTER ? due.withVoter(node) : due.withLearner(node);
        }
        return due;
    }

    static boolean isReached(Goal goal, NodeId node, Membership membership) {
        return switch (goal) {
            case NONE -> true;
            case LEARNER -> membership.contains(node);
            case VOTER -> membership.voters().contains(node);
        };
    }

    public Membership membership() {
        return membership;
    }

    /** Every member of the membership with what is known of it, in id order. */
    public List<MemberAttributes> members() {
        return members;
    }

    /** Everybody whom it may be necessary to reach: the members, and those that are to become members. */
    public List<MemberAttributes> toReach() {
        List<MemberAttributes> all = new ArrayList<>(members);
        for (MemberRecord each : records.values()) {
            if (!membership.contains(new NodeId(each.attributes().id()))) {
                all.add(each.attributes());
            }
        }
        return Collections.unmodifiableList(all);
    }

    /** What is known of a member, or of one that is to become a member. */
    public Optional<MemberAttributes> find(NodeId node) {
        return Optional.ofNullable(records.get(node.value())).map(MemberRecord::attributes);
    }

    /** Whether the membership lacks nothing of what is wanted, and no change of it is under way. */
    public boolean isSettled() {
        return due.isEmpty() && !membership.isJoint();
    }

    /** What has to happen to the membership, as of what is applied; {@link MembershipChange#NONE} if nothing has. */
    public MembershipChange dueChange() {
        return due;
    }

    /** Whether this id was removed for good, though the membership may hold it for a moment longer. */
    public boolean isRemoved(NodeId node) {
        return removed.contains(node.value());
    }

    /** Whether this id was removed for good, and the membership without it is committed. */
    public boolean hasLeft(NodeId node) {
        return isRemoved(node) && !membership.contains(node);
    }

    // For the rules, which change copies.

    boolean knows(long id) {
        return !removed.contains(id) && (records.containsKey(id) || membership.contains(new NodeId(id)));
    }

    NavigableMap<Long, MemberRecord> records() {
        return records;
    }

    NavigableSet<Long> removed() {
        return removed;
    }
}

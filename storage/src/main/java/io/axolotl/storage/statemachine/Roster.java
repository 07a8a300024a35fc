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
 * Who belongs to the cluster as of some applied entry, who is to, and whose id is used up (docs/adr/0020).
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
        this.members = membersOf(membership, records, removed);
        this.due = dueOf(membership, records, removed);
    }

    static NavigableMap<Long, MemberRecord> emptyRecords() {
        return new TreeMap<>(Long::compareUnsigned);
    }

    static NavigableSet<Long> emptyIds() {
        return new TreeSet<>(Long::compareUnsigned);
    }

    private static List<MemberAttributes> membersOf(
            Membership membership, NavigableMap<Long, MemberRecord> records, NavigableSet<Long> removed) {
        NavigableSet<Long> ids = emptyIds();
        membership.all().forEach(node -> ids.add(node.value()));
        ids.addAll(records.keySet());
        ids.removeAll(removed);
        List<MemberAttributes> members = new ArrayList<>();
        for (long id : ids) {
            MemberRecord known = records.getOrDefault(id, MemberRecord.of(MemberAttributes.unknown(id)));
            NodeId node = new NodeId(id);
            boolean isLearner = membership.contains(node) ? membership.isLearner(node) : known.goal() == Goal.LEARNER;
            members.add(known.attributes().asLearner(isLearner));
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

    /**
     * Every member with what is known of it, in the unsigned order of the ids: also one that the membership does not have
     * yet, and none that it still has for a moment but that was removed. A learner is one until it votes.
     */
    public List<MemberAttributes> members() {
        return members;
    }

    /** Everybody whom it may be necessary to reach: the members, and those that are leaving. */
    public List<MemberAttributes> toReach() {
        List<MemberAttributes> all = new ArrayList<>(members);
        for (Long id : removed) {
            MemberRecord leaving = records.get(id);
            if (leaving != null && membership.contains(new NodeId(id))) {
                all.add(leaving.attributes());
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

package io.axolotl.raft.model;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.JointQuorum;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import java.util.List;
import java.util.Locale;

/**
 * The properties of Raft Figure 3, read freshness and I16, judged after each event from the states of all nodes and from what
 * {@link Ghost} remembers. What one node can be judged by alone, {@link ModelNode} judges.
 */
@SuppressWarnings(
        "ReferenceEquality") // Equal states and logs of one model are one object; an entry that is the same is equal.
final class Judge {
    /** A property does not hold. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    private final Model model;

    Judge(Model model) {
        this.model = model;
    }

    /**
     * One node has gone from {@code before} to {@code now}; {@code all} holds the others and {@code now}.
     *
     * @return what is to be remembered from now on
     * @throws Broken if a property does not hold
     */
    Ghost judge(
            Ghost remembered, LocalState[] all, LocalState before, LocalState now, Automaton.Transition transition) {
        Ghost ghost = remembered;
        if (now.isLeader()) {
            ghost = lead(ghost, now);
        }
        if (now.commitIndex() > ghost.committed().size()) {
            ghost = commit(ghost, all, before, now);
        }
        if (now != before) {
            requireCommittedKept(ghost, now);
            for (LocalState other : all) {
                if (other != now && before.log() != now.log()) {
                    requireLogMatching(now.log(), other.log(), now, other);
                }
                if (other != now && before.onDisk() != now.onDisk()) {
                    requireLogMatching(now.onDisk(), other.onDisk(), now, other);
                }
            }
        }
        if (ghost != remembered || now.isLeader()) {
            for (LocalState each : all) {
                if (each.isLeader()) {
                    requireComplete(ghost, each);
                }
            }
        }
        return reads(ghost, now, transition);
    }

    private static Ghost lead(Ghost ghost, LocalState leader) {
        NodeId known = ghost.leaders().get(leader.term());
        if (known == null) {
            return ghost.withLeader(leader.term(), leader.node());
        }
        if (!known.equals(leader.node())) {
            throw broken(
                    "Election Safety: both %s and %s lead term %d",
                    Story.name(known), Story.name(leader.node()), leader.term());
        }
        return ghost;
    }

    /**
     * Whoever is the first to call an entry committed: a quorum must hold it durably, of the membership by which that was
     * decided. That is the one before the event: with a joint one's commit the next is in force at once.
     */
    private Ghost commit(Ghost remembered, LocalState[] all, LocalState before, LocalState now) {
        Ghost ghost = remembered;
        JointQuorum quorum = new JointQuorum(before.inForce());
        for (long i = ghost.committed().size() + 1L; i <= now.commitIndex(); i++) {
            Entry entry = now.log().get(Math.toIntExact(i - 1));
            if (!quorum.isReached(voter -> holds(all, voter, entry.id()))) {
                throw broken(
                        "Commit: %s calls %s committed, but no quorum of %s has it on disk",
                        Story.name(now.node()), Story.entry(entry), Story.membership(before.inForce()));
            }
            if (entry.kind() == Entry.Kind.MEMBERSHIP) {
                requireStep(ghost.membership(model.membership()), Membership.decode(entry.payload()), entry);
            }
            ghost = ghost.withCommitted(entry, now.term());
        }
        return ghost;
    }

    private static boolean holds(LocalState[] all, NodeId voter, EntryId id) {
        for (LocalState each : all) {
            if (each.node().equals(voter)) {
                List<Entry> disk = each.onDisk();
                return id.index() <= disk.size()
                        && disk.get(Math.toIntExact(id.index() - 1)).id().equals(id);
            }
        }
        return false;
    }

    private static void requireStep(Membership last, Membership next, Entry entry) {
        boolean isStep = last.isJoint()
                ? next.equals(last.leaveJoint())
                : next.outgoingVoters().equals(last.voters())
                        || (!next.isJoint() && next.voters().equals(last.voters()));
        if (!isStep) {
            throw broken("I16: membership %s follows %s, at %s", next, last, entry.id());
        }
    }

    private static void requireCommittedKept(Ghost ghost, LocalState now) {
        for (int i = 0; i < now.commitIndex(); i++) {
            Entry known = ghost.committed().get(i).entry();
            Entry held = now.log().get(i);
            if (held != known && !held.equals(known)) {
                throw broken(
                        "State Machine Safety: %s calls %s committed, elsewhere it was %s",
                        Story.name(now.node()), Story.entry(held), Story.entry(known));
            }
        }
    }

    private static void requireLogMatching(List<Entry> one, List<Entry> other, LocalState of, LocalState and) {
        int shared = Math.min(one.size(), other.size()) - 1;
        while (shared >= 0 && one.get(shared).term() != other.get(shared).term()) {
            shared--;
        }
        for (int i = 0; i <= shared; i++) {
            if (one.get(i) != other.get(i) && !one.get(i).equals(other.get(i))) {
                throw broken(
                        "Log Matching: %s and %s both hold %s, but before it %s and %s",
                        Story.name(of.node()),
                        Story.name(and.node()),
                        Story.entry(one.get(shared)),
                        Story.entry(one.get(i)),
                        Story.entry(other.get(i)));
            }
        }
    }

    private static void requireComplete(Ghost ghost, LocalState leader) {
        long uncommittedMemberships = 0;
        for (int i = Math.toIntExact(leader.commitIndex()); i < leader.log().size(); i++) {
            uncommittedMemberships += leader.log().get(i).kind() == Entry.Kind.MEMBERSHIP ? 1 : 0;
        }
        if (uncommittedMemberships > 1) {
            throw broken(
                    "I16: %s leads with two changes of the membership that are not committed",
                    Story.name(leader.node()));
        }
        for (Ghost.Committed each : ghost.committed()) {
            int at = Math.toIntExact(each.entry().index() - 1);
            boolean isHeld = at < leader.log().size() && leader.log().get(at).equals(each.entry());
            if (!isHeld && each.knownInTerm() < leader.term()) {
                throw broken(
                        "Leader Completeness: %s was committed in term %d, but %s, who leads term %d, has not got it",
                        Story.entry(each.entry()), each.knownInTerm(), Story.name(leader.node()), leader.term());
            }
        }
    }

    private static Ghost reads(Ghost remembered, LocalState now, Automaton.Transition transition) {
        Ghost ghost = remembered;
        if (transition.askedRead() != 0) {
            ghost = ghost.withFloor(new Ghost.Floor(
                    now.node(), transition.askedRead(), remembered.committed().size()));
        }
        for (Effects.Answer answer : transition.answers()) {
            Ghost.Floor floor = ghost.floors().stream()
                    .filter(each -> each.node().equals(answer.node()) && each.readId() == answer.readId())
                    .findFirst()
                    .orElse(null);
            if (floor == null) {
                throw new Broken("Read: " + Story.name(answer.node()) + " answers read " + answer.readId()
                        + ", which nobody waits for");
            }
            if (answer.index() < floor.index()) {
                throw broken(
                        "Read freshness: %s may answer a read at index %d, but %d was committed when it was asked",
                        Story.name(answer.node()), answer.index(), floor.index());
            }
            ghost = ghost.withoutFloor(floor);
        }
        return ghost;
    }

    private static Broken broken(String how, Object... values) {
        return new Broken(String.format(Locale.ROOT, how, values));
    }
}

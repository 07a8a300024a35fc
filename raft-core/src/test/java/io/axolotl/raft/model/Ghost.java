package io.axolotl.raft.model;

import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What nobody in the cluster knows as a whole and the judge has to remember: who has led which term, what has been called
 * committed, and what each unanswered read must see.
 *
 * <p>Immutable.
 */
record Ghost(TreeMap<Long, NodeId> leaders, List<Committed> committed, List<Floor> floors) {
    /** An entry, and the term in which it was first known to be committed. */
    record Committed(Entry entry, long knownInTerm) {}

    /** A read that must see everything through {@code index}. */
    record Floor(NodeId node, long readId, long index) {}

    static Ghost none() {
        return new Ghost(new TreeMap<>(), List.of(), List.of());
    }

    Ghost withLeader(long term, NodeId leader) {
        TreeMap<Long, NodeId> more = new TreeMap<>(leaders);
        more.put(term, leader);
        return new Ghost(more, committed, floors);
    }

    Ghost withCommitted(Entry entry, long knownInTerm) {
        List<Committed> more = new ArrayList<>(committed);
        more.add(new Committed(entry, knownInTerm));
        return new Ghost(leaders, List.copyOf(more), floors);
    }

    Ghost withFloor(Floor floor) {
        List<Floor> more = new ArrayList<>(floors);
        more.removeIf(each -> each.node().equals(floor.node()) && each.readId() == floor.readId());
        more.add(floor);
        return new Ghost(leaders, committed, List.copyOf(more));
    }

    Ghost withoutFloor(Floor floor) {
        List<Floor> fewer = new ArrayList<>(floors);
        fewer.remove(floor);
        return new Ghost(leaders, committed, List.copyOf(fewer));
    }

    /** The membership that was committed last; {@code first} if none was. */
    Membership membership(Membership first) {
        Membership last = first;
        for (Committed each : committed) {
            if (each.entry().kind() == Entry.Kind.MEMBERSHIP) {
                last = Membership.decode(each.entry().payload());
            }
        }
        return last;
    }

    Shape shape() {
        List<Shape> unordered = new ArrayList<>();
        floors.forEach(floor -> unordered.add(CoreShape.of(floor, 0)));
        return Shape.Row.of(CoreShape.of(leaders, 0), CoreShape.of(committed, 0), new Shape.Bag(unordered));
    }
}

package io.axolotl.jepsen.simulation;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.storage.disk.FaultyDisk;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Knows where what was promised to be kept has been destroyed, and lets that happen only so often that the rest can make up for
 * it: what a majority held is still held by one that is whole. So survival may be demanded of everything that was ever
 * acknowledged (TigerBeetle's idea).
 *
 * <p>A member counts as wounded from the fault until it has been started again, is bound by no embargo, and has applied all
 * that was committed by then; or until the member that took its place has.
 *
 * <p>Confined to the simulation's thread.
 */
final class FaultAtlas {
    /**
     * @param startsThen starts of the machine by then: what is wounded while it runs is not whole before the next
     * @param committedThen what had to be made up for
     * @param member who lived on the machine
     */
    private record Wound(long startsThen, long committedThen, NodeId member) {}

    private final Cluster cluster;
    private final Map<Integer, Wound> wounds = new TreeMap<>();

    /** Machines that are going to be put back to an old disk. */
    private final Set<Integer> marked = new TreeSet<>();

    private boolean isOver;

    FaultAtlas(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Whether one more loss, on this machine, can be made up for by the rest. Where members come and go, only bytes may change, and
     * only while all know who belongs to the cluster and nobody has been asked to change that: until it is made up for nobody will
     * be.
     */
    boolean mayDestroy(SimulatedNode machine, Fault fault, Operator operator) {
        closeWounds();
        Membership now = cluster.judge().membership();
        boolean isSettled = cluster.settings().isChangingMembers()
                ? fault == Fault.ROT && operator.isQuiet() && now.contains(machine.id()) && isKnownToAll(now)
                : now.voters().size()
                        == cluster.founding().membership().voters().size();
        return isSettled
                && machine.isMember()
                && !wounds.containsKey(machine.place())
                && !now.isJoint()
                && !marked.contains(machine.place())
                && wounds.size() + marked.size() + 1 <= (now.voters().size() - 1) / 2;
    }

    private boolean isKnownToAll(Membership now) {
        return now.all().stream().allMatch(id -> {
            int place = cluster.placeOf(id);
            NodeView view = place < 0 ? null : cluster.node(place).view();
            return view != null
                    && view.isMembershipSettled()
                    && view.membership().equals(now);
        });
    }

    /**
     * Whether all others run and know this very life. Who comes back with another disk is recognized by those who have met it;
     * to one who has not it is new.
     */
    private boolean isMetByAll(SimulatedNode machine) {
        return machine.isUp()
                && cluster.nodes().stream()
                        .filter(other -> other != machine)
                        .allMatch(other -> other.isUp() && other.process().hasMet(machine.process()));
    }

    /** Then a majority of those who are left has all that it had, where nobody is to take its place. */
    private boolean hasLeft(Wound wound) {
        return cluster.settings().isChangingMembers() && cluster.judge().hasLeft(wound.member());
    }

    private boolean isHealed(SimulatedNode machine, Wound wound) {
        return machine.starts() > wound.startsThen
                && machine.isUp()
                && !machine.isToBeReplaced()
                && cluster.judge().membership().voters().contains(machine.id())
                && machine.process().isWhole()
                && machine.process().appliedIndex() >= wound.committedThen
                && machine.process().recovered().wal().last().index() >= wound.committedThen;
    }

    /** Nothing is destroyed any more, not even what was going to be. */
    void end() {
        isOver = true;
    }

    /** Whether somebody has yet to make up for what was destroyed. */
    boolean hasOpenWounds() {
        closeWounds();
        return !wounds.isEmpty();
    }

    private void closeWounds() {
        wounds.entrySet()
                .removeIf(
                        wound -> hasLeft(wound.getValue()) || isHealed(cluster.node(wound.getKey()), wound.getValue()));
    }

    private void wounded(SimulatedNode machine) {
        wounds.put(machine.place(), new Wound(machine.starts(), cluster.judge().committedIndex(), machine.id()));
    }

    /**
     * Bytes at rest change, mostly while the machine is down. It does not lose power with it: of a last batch that is damaged and
     * has lost its mark as well nobody can tell that it was synced ("What cannot be noticed" in docs/formats/wal.md).
     */
    void rot(SimulatedNode machine, Chance chance, long downNanos) {
        boolean isRunning = chance.happens(0.3);
        if (!isRunning) {
            machine.crash(false, downNanos);
        }
        wounded(machine);
        if (cluster.settings().isChangingMembers()) {
            cluster.marks().hit("fault atlas: rot where members come and go");
        }
        machine.rot(new Rot(chance));
        if (isRunning) {
            NodeId id = machine.id();
            cluster.time().after(downNanos, () -> {
                if (machine.id().equals(id)) {
                    machine.crash(false, chance.around(downNanos));
                }
            });
        }
    }

    /** The disk is exchanged for an empty one. */
    void wipe(SimulatedNode machine, long downNanos) {
        if (!isMetByAll(machine)) {
            return;
        }
        cluster.marks().hit("fault atlas: wiped a disk");
        machine.crash(true, downNanos);
        wounded(machine);
        machine.replaceDisk(new FaultyDisk());
    }

    /**
     * The machine is put back to what its disk was some time ago, as a virtual machine to a snapshot. It is started once in
     * between, and greets the others: of a copy that is not older than the last start nobody can tell what it lacks.
     */
    void goBack(SimulatedNode machine, Chance chance, long downNanos) {
        marked.add(machine.place());
        FaultyDisk copy = machine.copyOfDisk();
        NodeId id = machine.id();
        long startsThen = machine.starts();
        cluster.time().after(chance.around(downNanos), () -> machine.crash(false, chance.around(downNanos)));
        cluster.time().after(downNanos + chance.around(8 * downNanos), () -> {
            marked.remove(machine.place());
            boolean isSameMember = machine.id().equals(id) && machine.isMember();
            if (!isOver && isSameMember && machine.starts() > startsThen && isMetByAll(machine)) {
                machine.crash(true, downNanos);
                wounded(machine);
                machine.replaceDisk(copy);
                cluster.marks().hit("fault atlas: put back to an old disk");
            }
        });
    }
}

package io.axolotl.raft.model;

import io.axolotl.raft.HardState;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A small cluster and what may happen to it.
 *
 * <p>Immutable.
 *
 * @param name one word
 * @param nodes how many nodes there are, called 1 to {@code nodes}, A first
 * @param membership what is in force before the first entry
 * @param disks what the disk of each node holds at the beginning, in the order of the nodes; empty: nothing
 * @param config timeouts and bounds
 * @param isReadyApart a {@code Ready} is taken some time after the step that brought it about, so that several steps may share
 *     one
 * @param isReportApart a sync is reported some time after it has ended
 * @param budgets how often each event with a budget may happen; absent: never
 * @param change what is asked for by {@link Event#CHANGE}
 * @param renamings under which the model is the same cluster; the identity first
 * @param opening plays the cluster to where the search begins
 */
record Model(
        String name,
        int nodes,
        Membership membership,
        List<Disk> disks,
        RaftConfig config,
        boolean isReadyApart,
        boolean isReportApart,
        Map<Event, Integer> budgets,
        MembershipChange change,
        List<Shape.Renaming> renamings,
        Consumer<Opening> opening) {

    /** What a disk holds at the beginning. */
    record Disk(HardState hardState, List<Entry> entries) {
        static final Disk EMPTY = new Disk(HardState.INITIAL, List.of());
    }

    int budget(Event event) {
        Integer budget = budgets.get(event);
        return budget == null ? 0 : budget;
    }

    /** The same cluster, to which {@code event} may happen {@code times} times. */
    Model allowing(Event event, int times) {
        Map<Event, Integer> more = new EnumMap<>(Event.class);
        more.putAll(budgets);
        more.put(event, times);
        return new Model(
                name, nodes, membership, disks, config, isReadyApart, isReportApart, more, change, renamings, opening);
    }

    /** The same cluster, with the driver's steps taken apart: each {@code Ready} and each report is an event of its own. */
    Model apart() {
        return new Model(name, nodes, membership, disks, config, true, true, budgets, change, renamings, opening);
    }

    /** The same cluster, with these disks at the beginning. */
    Model from(List<Disk> newDisks) {
        return new Model(
                name,
                nodes,
                membership,
                newDisks,
                config,
                isReadyApart,
                isReportApart,
                budgets,
                change,
                renamings,
                opening);
    }

    /** The same cluster, with other bounds. */
    Model configured(RaftConfig newConfig) {
        return new Model(
                name,
                nodes,
                membership,
                disks,
                newConfig,
                isReadyApart,
                isReportApart,
                budgets,
                change,
                renamings,
                opening);
    }

    /** The same cluster, of which this change may be asked. */
    Model changing(MembershipChange newChange) {
        return new Model(
                name,
                nodes,
                membership,
                disks,
                config,
                isReadyApart,
                isReportApart,
                budgets,
                newChange,
                renamings,
                opening);
    }

    Disk disk(int node) {
        return disks.isEmpty() ? Disk.EMPTY : disks.get(node);
    }

    /** Plays events in a given order, from an idle cluster on; budgets do not count. */
    interface Opening {
        /** An election timeout passes on a node. */
        Opening timeout(int node);

        /** A heartbeat interval passes on a node. */
        Opening heartbeat(int node);

        /** A command is given to a node. */
        Opening propose(int node);

        /** The change is asked of a node. */
        Opening change(int node);

        /** A node is asked for a read. */
        Opening read(int node);

        /** All messages among these nodes and all their syncs happen, first sent first, until nothing is left. */
        Opening settle(int... nodes);

        /** Whatever waits to be synced on a node is synced. */
        Opening sync(int node);

        /** The oldest message of one node to another arrives. */
        Opening deliver(int from, int to);

        /** What is under way is lost. */
        Opening loseAll();

        /** What is under way stays so until the search begins. */
        Opening holdBack();
    }
}

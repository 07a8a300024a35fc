package io.axolotl.jepsen.simulation;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.raft.message.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The nodes of one simulation and the world around them.
 *
 * <p>Confined to the simulation's thread.
 */
final class Cluster {
    private final VirtualTime time;
    private final SimulationSettings settings;
    private final PlantedBug bug;
    private final Judge judge;
    private final Marks marks;
    private final Trace trace;
    private final List<NodeId> ids;
    private final Membership membership;
    private final SimulatedNetwork network;
    private final Chance chance;
    private final List<SimulatedNode> nodes = new ArrayList<>();

    Cluster(
            VirtualTime time,
            SimulationSettings settings,
            PlantedBug bug,
            History history,
            Marks marks,
            Trace trace,
            Chance chance) {
        this.time = time;
        this.settings = settings;
        this.bug = bug;
        this.marks = marks;
        this.trace = trace;
        List<NodeId> drawn = new ArrayList<>();
        for (int place = 0; place < settings.nodes(); place++) {
            drawn.add(new NodeId(place + 1L));
        }
        this.ids = Collections.unmodifiableList(drawn);
        this.membership = Membership.ofVoters(ids.subList(0, settings.nodes() - settings.newcomers()));
        this.judge = new Judge(history, marks, ids, membership);
        this.chance = chance.branch();
        this.network = new SimulatedNetwork(time, chance.branch(), settings, marks, this::deliver);
        for (int place = 0; place < settings.nodes(); place++) {
            nodes.add(new SimulatedNode(this, place, ids.get(place), chance.branch()));
        }
    }

    private void deliver(int from, int to, Message message) {
        node(to).receive(ids.get(from), message);
    }

    VirtualTime time() {
        return time;
    }

    SimulationSettings settings() {
        return settings;
    }

    PlantedBug bug() {
        return bug;
    }

    Judge judge() {
        return judge;
    }

    Marks marks() {
        return marks;
    }

    Trace trace() {
        return trace;
    }

    SimulatedNetwork network() {
        return network;
    }

    /** Who belongs to the cluster at the start. */
    Membership membership() {
        return membership;
    }

    /** Node ids by place. */
    List<NodeId> ids() {
        return ids;
    }

    SimulatedNode node(int place) {
        return nodes.get(place);
    }

    List<SimulatedNode> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** One way between a client and a node. */
    long clientLatencyNanos(Chance chance) {
        return 50 * SimulationSettings.MICROS + chance.around(500 * SimulationSettings.MICROS);
    }

    /** Whoever believes to lead is asked to hand over. */
    void transferLeadership(int target) {
        for (SimulatedNode node : nodes) {
            NodeView view = node.view();
            if (view != null && view.isLeader()) {
                node.transferLeadership(ids.get(target));
            }
        }
    }

    /** Whoever believes to lead is asked to change what up to three nodes are; some of it makes no sense and is refused. */
    void changeMembership(Chance drawn) {
        for (SimulatedNode node : nodes) {
            NodeView view = node.view();
            if (view != null && view.isLeader()) {
                node.changeMembership(draw(view.membership(), drawn));
            }
        }
    }

    private MembershipChange draw(Membership now, Chance drawn) {
        MembershipChange change = MembershipChange.NONE;
        List<NodeId> left = new ArrayList<>(ids);
        int count = 1 + drawn.below(Math.min(3, ids.size()));
        for (int i = 0; i < count; i++) {
            NodeId id = left.remove(drawn.below(left.size()));
            change = switch (drawn.below(3)) {
                case 0 -> now.voters().contains(id) ? change.without(id) : change.withVoter(id);
                case 1 -> now.isLearner(id) ? change.withVoter(id) : change.withLearner(id);
                default -> now.contains(id) ? change.without(id) : change.withLearner(id);
            };
        }
        return change;
    }

    /** A node has died: sooner or later the others notice that their connections to it are gone. */
    void lostConnections(SimulatedNode dead) {
        for (SimulatedNode node : nodes) {
            if (node != dead) {
                long delayNanos = chance.around(settings.raft().heartbeatIntervalNanos());
                time.after(delayNanos, () -> node.connectionLost(dead.id()));
                for (int attempt = 1; attempt <= 4; attempt++) {
                    time.after(attempt * delayNanos, () -> {
                        if (!dead.isRunning()) {
                            node.believesGone(dead.id());
                        }
                    });
                }
            }
        }
    }

    /** Opens every link between two of these nodes. */
    void healLinks(List<Integer> places) {
        for (int from : places) {
            for (int to : places) {
                network.heal(from, to);
            }
        }
    }
}

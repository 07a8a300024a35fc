package io.axolotl.jepsen.simulation;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.peer.ClusterDescription;
import io.axolotl.storage.statemachine.Founding;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The nodes of one simulation and the world around them.
 *
 * <p>Confined to the simulation's thread.
 */
final class Cluster {
    static final long CLUSTER_ID = 0xa01;

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final Engines engines;
    private final PlantedBug bug;
    private final Judge judge;
    private final Marks marks;
    private final Trace trace;
    private final Founding founding;
    private final SimulatedNetwork network;
    private final Chance chance;
    private final List<SimulatedNode> nodes = new ArrayList<>();

    Cluster(
            VirtualTime time,
            SimulationSettings settings,
            Engines engines,
            PlantedBug bug,
            History history,
            Marks marks,
            Trace trace,
            Chance chance) {
        this.time = time;
        this.settings = settings;
        this.engines = engines;
        this.bug = bug;
        this.marks = marks;
        this.trace = trace;
        List<NodeId> founders = new ArrayList<>();
        for (int place = 0; place < settings.nodes() - settings.newcomers(); place++) {
            founders.add(new NodeId(place + 1L));
        }
        this.founding = new Founding(
                Membership.ofVoters(founders),
                founders.stream()
                        .map(id -> new MemberAttributes(id.value(), "", peerUrls(id), List.of(), false))
                        .toList());
        this.judge = new Judge(history, marks, founding.membership());
        this.chance = chance.branch();
        this.network = new SimulatedNetwork(time, chance.branch(), settings, marks);
        for (int place = 0; place < settings.nodes(); place++) {
            boolean isFounder = place < founders.size();
            // Whoever is spare has no name yet.
            NodeId id = new NodeId(isFounder ? place + 1L : 1_000L + place);
            nodes.add(new SimulatedNode(this, place, id, isFounder, chance.branch()));
        }
    }

    static List<String> peerUrls(NodeId id) {
        return List.of("http://m" + id + ":2380");
    }

    VirtualTime time() {
        return time;
    }

    SimulationSettings settings() {
        return settings;
    }

    Engines engines() {
        return engines;
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

    /** What the cluster began with. */
    Founding founding() {
        return founding;
    }

    /** Where that member lives, or -1 if it lives nowhere any more. */
    int placeOf(NodeId id) {
        for (int place = 0; place < nodes.size(); place++) {
            if (nodes.get(place).isMember() && nodes.get(place).id().equals(id)) {
                return place;
            }
        }
        return -1;
    }

    /** What members that can be reached from here say of the cluster. */
    List<ClusterDescription> describeTo(int place) {
        List<ClusterDescription> answers = new ArrayList<>();
        for (int other = 0; other < nodes.size(); other++) {
            SimulatedNode node = nodes.get(other);
            if (other != place && node.isUp() && !network.isCut(place, other) && !network.isCut(other, place)) {
                answers.add(node.process().describe());
            }
        }
        return answers;
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

    /** Where the leader of the newest term runs, or -1 if nobody leads. */
    int placeOfLeader() {
        int leader = -1;
        long newest = -1;
        for (SimulatedNode node : nodes) {
            NodeView view = node.isUp() ? node.view() : null;
            if (view != null && view.isLeader() && view.term() > newest) {
                leader = node.place();
                newest = view.term();
            }
        }
        return leader;
    }

    /** Whoever believes to lead is asked to hand over. */
    void transferLeadership(int target) {
        for (SimulatedNode node : nodes) {
            NodeView view = node.view();
            if (view != null && view.isLeader()) {
                node.ask(process -> process.moveLeader(nodes.get(target).id()));
            }
        }
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
                network.reopen(from, to);
            }
        }
    }
}

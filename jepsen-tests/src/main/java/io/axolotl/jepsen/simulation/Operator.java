package io.axolotl.jepsen.simulation;

import io.axolotl.raft.NodeView;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.NodeId;
import io.axolotl.server.driver.NodeService.ProposalResult;
import io.axolotl.storage.command.Command;
import io.axolotl.storage.command.CommandResult;
import io.axolotl.storage.statemachine.MemberAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who runs the cluster: adds, promotes, removes and replaces members by the commands that the server's API proposes, starts
 * a machine when its member has a place, and takes one out when its member has lost it.
 *
 * <p>Knows only what an operator knows: what the commands have answered, and what members list. Confined to the simulation's
 * thread.
 */
final class Operator {
    private static final long LOOK_NANOS = 500 * SimulationSettings.MILLIS;
    private static final int MOST_LEARNERS = 10;

    private final Cluster cluster;
    private final Chance chance;
    private long lastId;

    /** Members that were asked for, and the places of the machines that are to be them. */
    private final Map<Integer, NodeId> coming = new HashMap<>();

    /** Requests that have not been answered, or not so that it is known what came of them. */
    private long open;

    Operator(Cluster cluster, Chance chance) {
        this.cluster = cluster;
        this.chance = chance;
        this.lastId = cluster.nodes().size();
    }

    /** Looks at the members every now and then, for ever. */
    void start() {
        cluster.time().after(LOOK_NANOS, () -> {
            look();
            start();
        });
    }

    /** Machines that have a place are started; those that have lost it are, some time, taken out. */
    private void look() {
        List<MemberAttributes> listed = listed();
        for (int place = 0; place < cluster.nodes().size(); place++) {
            SimulatedNode machine = cluster.node(place);
            NodeId awaited = coming.get(place);
            if (awaited != null && holds(listed, awaited)) {
                coming.remove(place);
                machine.join(awaited);
            } else if (machine.isMember() && machine.isToBeReplaced()) {
                replace(machine);
            } else if (isToVote(machine, place)) {
                withLeader(leader ->
                        ask(leader, new Command.PromoteMember(machine.id().value())));
            } else if (!machine.isMember() && awaited == null && place < founders()) {
                // A cluster that lost one of its first members gets another one in its place.
                int free = place;
                if (!cluster.settings().isChangingMembers()) {
                    withLeader(leader -> add(leader, free));
                }
            } else if (machine.isMember() && cluster.judge().hasLeft(machine.id()) && chance.happens(0.2)) {
                cluster.marks().hit("member: taken out by the operator");
                machine.decommission();
            }
        }
    }

    /** One that took the place of a founder, where no other members come and go. */
    private boolean isToVote(SimulatedNode machine, int place) {
        return !cluster.settings().isChangingMembers()
                && place < founders()
                && machine.isUp()
                && machine.process().isWhole()
                && cluster.judge().membership().isLearner(machine.id());
    }

    private int founders() {
        return cluster.founding().membership().voters().size();
    }

    private static boolean holds(List<MemberAttributes> listed, NodeId id) {
        return listed.stream().anyMatch(member -> member.id() == id.value());
    }

    /** What the member that has applied most says. */
    private List<MemberAttributes> listed() {
        long most = -1;
        List<MemberAttributes> listed = List.of();
        for (SimulatedNode node : cluster.nodes()) {
            if (node.isUp() && node.process().appliedIndex() > most) {
                most = node.process().appliedIndex();
                listed = node.process().store().members();
            }
        }
        return listed;
    }

    /** Whether nothing that was asked for may still come about. */
    boolean isQuiet() {
        return open == 0 && coming.isEmpty();
    }

    /** Whoever believes to lead is asked for up to three changes at once; some make no sense and are refused. */
    void change(Chance own) {
        for (SimulatedNode node : cluster.nodes()) {
            NodeView view = node.view();
            if (view != null && view.isLeader()) {
                int count = 1 + own.below(3);
                for (int i = 0; i < count; i++) {
                    one(node, view.membership(), own);
                }
            }
        }
    }

    private void one(SimulatedNode leader, Membership now, Chance own) {
        NodeId any = own.oneOf(new ArrayList<>(now.all()));
        switch (own.below(4)) {
            case 0, 1 -> addSpare(leader);
            case 2 -> ask(leader, new Command.PromoteMember(any.value()));
            default -> ask(leader, new Command.RemoveMember(any.value()));
        }
    }

    private void addSpare(SimulatedNode leader) {
        for (int place = 0; place < cluster.nodes().size(); place++) {
            if (!cluster.node(place).isMember() && !coming.containsKey(place)) {
                add(leader, place);
                return;
            }
        }
    }

    /** Mostly as a learner; one that votes before it has started may be needed before it has found its place (M1). */
    private void add(SimulatedNode leader, int place) {
        NodeId id = new NodeId(++lastId);
        coming.put(place, id);
        boolean isLearner = !cluster.settings().isChangingMembers() || chance.happens(0.7);
        Command.AddMember command =
                new Command.AddMember(id.value(), Cluster.peerUrls(id), isLearner, false, MOST_LEARNERS);
        ask(leader, command, refused -> {
            if (refused) {
                coming.remove(place);
            }
        });
    }

    /** A member that has lost what it was is removed, and its machine given to the cluster as a new one. */
    private void replace(SimulatedNode machine) {
        if (!cluster.judge().membership().contains(machine.id())) {
            cluster.marks().hit("operator: a lost member was replaced");
            machine.decommission();
            return;
        }
        withLeader(leader -> ask(leader, new Command.RemoveMember(machine.id().value())));
    }

    private void withLeader(Consumer<SimulatedNode> work) {
        for (SimulatedNode node : cluster.nodes()) {
            NodeView view = node.view();
            if (node.isUp() && view != null && view.isLeader()) {
                work.accept(node);
                return;
            }
        }
    }

    private interface Answer {
        void on(boolean isRefused);
    }

    private void ask(SimulatedNode leader, Command command) {
        ask(leader, command, refused -> {});
    }

    private void ask(SimulatedNode leader, Command command, Answer answer) {
        cluster.trace().line(leader.name(), "asked for", command.toString());
        open++;
        leader.ask(process -> process.propose(command, result -> {
            open -= result instanceof ProposalResult.Refused || result instanceof ProposalResult.Done ? 1 : 0;
            boolean isRefused = result instanceof ProposalResult.Refused
                    || (result instanceof ProposalResult.Done done && done.result() instanceof CommandResult.Refused);
            String kind = command.getClass().getSimpleName();
            cluster.marks()
                    .hit("operator: " + kind
                            + (isRefused ? " refused" : result instanceof ProposalResult.Done ? " done" : " unknown"));
            answer.on(isRefused);
        }));
    }
}

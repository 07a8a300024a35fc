package io.axolotl.raft.model;

import io.axolotl.raft.HardState;
import io.axolotl.raft.RaftConfig;
import io.axolotl.raft.log.Entry;
import io.axolotl.raft.log.EntryId;
import io.axolotl.raft.membership.Membership;
import io.axolotl.raft.membership.MembershipChange;
import io.axolotl.raft.membership.NodeId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.function.Consumer;

/** The clusters that are searched. A is node 0 here, B node 1. */
final class Models {
    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;

    private Models() {}

    /** Three nodes that have never met, two elections and more in each other's way. */
    static Model election() {
        return model("election", 3, all(3), config(100, false), symmetric(3), opening -> {})
                .allowing(Event.ELECTION_TIMEOUT, 3)
                .allowing(Event.RESTART, 1)
                .allowing(Event.RECEIVE_COPY, 1);
    }

    /** The same with pre-vote and the check of the quorum, as in production. */
    static Model preVote() {
        return model("pre-vote", 3, all(3), config(100, true), symmetric(3), opening -> {})
                .allowing(Event.ELECTION_TIMEOUT, 3)
                .allowing(Event.RESTART, 1);
    }

    /** A leads, everything is committed; commands, a second leader, a crash. One entry per request. */
    static Model replication() {
        return model("replication", 3, all(3), config(1, false), symmetric(3), Models::leadsAll)
                .allowing(Event.PROPOSE, 2)
                .allowing(Event.ELECTION_TIMEOUT, 2)
                .allowing(Event.HEARTBEAT, 1)
                .allowing(Event.RESTART, 1)
                .allowing(Event.RECEIVE_COPY, 1);
    }

    /** Figure 8: A holds 1.1, B 2.1, C nothing, and A has just been elected by C for term 3. */
    static Model figure8() {
        Model.Disk ofA = new Model.Disk(new HardState(2, null, 0), List.of(command(1)));
        Model.Disk ofB = new Model.Disk(new HardState(2, id(B), 0), List.of(command(2)));
        Model.Disk ofC = new Model.Disk(new HardState(2, id(B), 0), List.of());
        Model model = model("figure8", 3, all(3), config(1, false), symmetric(3), opening -> opening.timeout(A)
                .sync(A)
                .deliver(A, C, null)
                .sync(C)
                .deliver(C, A, null)
                .sync(A));
        return new Model(
                        model.name(),
                        3,
                        model.membership(),
                        List.of(ofA, ofB, ofC),
                        model.config(),
                        false,
                        false,
                        model.budgets(),
                        model.change(),
                        model.renamings(),
                        model.opening())
                .allowing(Event.ELECTION_TIMEOUT, 2)
                .allowing(Event.HEARTBEAT, 1);
    }

    /** A leads A, B and C, and is asked to go on with D and E instead of B and C: the majorities need not meet. */
    static Model reconfiguration() {
        MembershipChange change = MembershipChange.NONE
                .withVoter(new NodeId(4))
                .withVoter(new NodeId(5))
                .without(id(B))
                .without(id(C));
        return changing("reconfiguration", 5, change, List.of(List.of(2, 3), List.of(4, 5)))
                .allowing(Event.CHANGE, 1)
                .allowing(Event.ELECTION_TIMEOUT, 1)
                .allowing(Event.RESTART, 1);
    }

    /** A leads A, B and C, and is to leave; D comes. */
    static Model leaderLeaves() {
        MembershipChange change = MembershipChange.NONE.withVoter(new NodeId(4)).without(id(A));
        // Whom it hands over to is decided by id where nothing else decides, so nobody may be renamed.
        return changing("leader-leaves", 4, change, List.of())
                .allowing(Event.CHANGE, 1)
                .allowing(Event.ELECTION_TIMEOUT, 1)
                .allowing(Event.RESTART, 1);
    }

    /** A leads; reads anywhere, a command, a second leader. */
    static Model readIndex() {
        return model("read-index", 3, all(3), config(100, false), symmetric(3), Models::leadsAll)
                .allowing(Event.READ, 2)
                .allowing(Event.PROPOSE, 1)
                .allowing(Event.ELECTION_TIMEOUT, 1)
                .allowing(Event.RESTART, 1)
                .allowing(Event.RECEIVE_COPY, 1);
    }

    /** As replication, but steps, Readies, syncs and their reports come one by one. */
    static Model slowDisk() {
        return model("slow-disk", 3, all(3), config(100, false), symmetric(3), Models::leadsAll)
                .apart("slow-disk", true, true)
                .allowing(Event.PROPOSE, 2)
                .allowing(Event.ELECTION_TIMEOUT, 1)
                .allowing(Event.RESTART, 1);
    }

    static List<Model> all() {
        return List.of(
                election(),
                preVote(),
                replication(),
                figure8(),
                reconfiguration(),
                leaderLeaves(),
                readIndex(),
                slowDisk());
    }

    private static void leadsAll(Model.Opening opening) {
        opening.timeout(A).settle(A, B, C).loseAll();
    }

    private static Model changing(String name, int nodes, MembershipChange change, List<List<Integer>> alike) {
        Model model = model(name, nodes, all(3), config(100, false), renamings(nodes, alike), Models::leadsAll);
        return new Model(
                name,
                nodes,
                model.membership(),
                List.of(),
                model.config(),
                false,
                false,
                model.budgets(),
                change,
                model.renamings(),
                model.opening());
    }

    private static Model model(
            String name,
            int nodes,
            Membership membership,
            RaftConfig config,
            List<Shape.Renaming> renamings,
            Consumer<Model.Opening> opening) {
        return new Model(
                name,
                nodes,
                membership,
                List.of(),
                config,
                false,
                false,
                new EnumMap<>(Event.class),
                MembershipChange.NONE,
                renamings,
                opening);
    }

    private static NodeId id(int node) {
        return new NodeId(node + 1L);
    }

    private static Entry command(long term) {
        return new Entry(new EntryId(term, 1), Entry.Kind.COMMAND, new byte[] {(byte) (100 + term)});
    }

    private static Membership all(int count) {
        List<NodeId> voters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            voters.add(id(i));
        }
        return Membership.ofVoters(voters);
    }

    private static RaftConfig config(int entriesPerAppend, boolean isPolite) {
        return new RaftConfig(
                100_000_000L,
                1_000_000_000L,
                entriesPerAppend,
                1 << 20,
                16,
                1 << 20,
                1 << 20,
                1 << 20,
                1 << 20,
                isPolite,
                isPolite);
    }

    /** Every node may be called what any other is called. */
    private static List<Shape.Renaming> symmetric(int nodes) {
        List<Integer> everybody = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            everybody.add(i);
        }
        return renamings(nodes, List.of(everybody));
    }

    /** All renamings that exchange ids within these groups, the identity first. */
    private static List<Shape.Renaming> renamings(int nodes, List<List<Integer>> alike) {
        List<Shape.Renaming> found = new ArrayList<>(List.of(Shape.Renaming.identity(nodes)));
        for (List<Integer> group : alike) {
            List<Shape.Renaming> more = new ArrayList<>();
            for (Shape.Renaming each : found) {
                for (List<Integer> order : orders(group)) {
                    long[] names = each.names().clone();
                    for (int i = 0; i < group.size(); i++) {
                        names[group.get(i)] = order.get(i);
                    }
                    more.add(new Shape.Renaming(names));
                }
            }
            found = more;
        }
        return List.copyOf(found);
    }

    private static List<List<Integer>> orders(List<Integer> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (int i = 0; i < of.size(); i++) {
            List<Integer> rest = new ArrayList<>(of);
            int first = rest.remove(i);
            for (List<Integer> order : orders(rest)) {
                List<Integer> whole = new ArrayList<>(List.of(first));
                whole.addAll(order);
                all.add(whole);
            }
        }
        return all;
    }
}

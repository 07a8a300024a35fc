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
    private static final int D = 3;
    private static final int E = 4;

    private static final MembershipChange TO_OTHERS = MembershipChange.NONE
            .withVoter(id(D))
            .withVoter(id(E))
            .without(id(B))
            .without(id(C));

    /** B is like C, and D like E. */
    private static final List<Shape.Renaming> TWO_PAIRS = renamings(5, List.of(List.of(2, 3), List.of(4, 5)));

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

    /**
     * Figure 8 (c): A had 1.1, B 2.1 and 2.2, C nothing. C has elected A for term 3 and has taken 1.1 from it, which is now on two
     * of three disks; 3.2 is on its way. One entry per request.
     */
    static Model figure8() {
        Model.Disk ofA = new Model.Disk(new HardState(2, null, 0), List.of(command(1, 1)));
        Model.Disk ofB = new Model.Disk(new HardState(2, id(B), 0), List.of(command(2, 1), command(2, 2)));
        Model.Disk ofC = new Model.Disk(new HardState(2, id(B), 0), List.of());
        return model(
                        "figure8",
                        3,
                        all(3),
                        config(1, false),
                        symmetric(3),
                        opening -> opening.timeout(A)
                                .sync(A)
                                .deliver(A, C)
                                .sync(C)
                                .deliver(C, A)
                                .sync(A)
                                .deliver(A, C)
                                .deliver(C, A)
                                .deliver(A, C)
                                .deliver(C, A)
                                .deliver(A, C)
                                .sync(C)
                                .deliver(C, A))
                .from(List.of(ofA, ofB, ofC))
                .allowing(Event.ELECTION_TIMEOUT, 2)
                .allowing(Event.HEARTBEAT, 1)
                .allowing(Event.RESTART, 1);
    }

    /** A leads A, B and C, and is asked to go on with D and E instead of B and C: the majorities need not meet. */
    static Model reconfiguration() {
        return model("reconfiguration", 5, all(3), config(100, false), TWO_PAIRS, Models::leadsAll)
                .changing(TO_OTHERS)
                .allowing(Event.CHANGE, 1)
                .allowing(Event.ELECTION_TIMEOUT, 1)
                .allowing(Event.RESTART, 1);
    }

    /** The same in the middle of it: the joint membership is on A and D, and on its way to the others. */
    static Model joint() {
        return model("joint", 5, all(3), config(100, false), TWO_PAIRS, opening -> {
                    leadsAll(opening);
                    opening.change(A).settle(A, D);
                })
                .changing(TO_OTHERS)
                .allowing(Event.ELECTION_TIMEOUT, 2)
                .allowing(Event.RESTART, 1);
    }

    /**
     * A leads A, B and C and is to leave, D comes; both know. Whom a leader hands over to is decided by id where nothing else
     * decides, so nobody may be renamed.
     */
    static Model leaderLeaves() {
        return model("leader-leaves", 4, all(3), config(100, false), renamings(4, List.of()), opening -> {
                    leadsAll(opening);
                    opening.change(A).settle(A, D);
                })
                .changing(MembershipChange.NONE.withVoter(id(D)).without(id(A)))
                .allowing(Event.ELECTION_TIMEOUT, 2)
                .allowing(Event.HEARTBEAT, 1)
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

    /** A does not know yet that B has elected C and has committed more with it; old answers to A are on their way. */
    static Model staleLeader() {
        return model("stale-leader", 3, all(3), config(100, false), symmetric(3), opening -> {
                    leadsAll(opening);
                    opening.heartbeat(A).deliver(A, B).deliver(A, C).timeout(C).settle(B, C);
                })
                .allowing(Event.READ, 2)
                .allowing(Event.HEARTBEAT, 1)
                .allowing(Event.RESTART, 1)
                .allowing(Event.RECEIVE_COPY, 1);
    }

    /**
     * A leads for the second time, and what it asked for a read when it led first is still on its way to B and C. C has called
     * for votes.
     */
    static Model electedAgain() {
        return model("elected-again", 3, all(3), config(100, false), symmetric(3), opening -> {
                    leadsAll(opening);
                    opening.read(A).holdBack().timeout(C).settle(A, C).loseAll();
                    opening.timeout(A).settle(A, B, C).timeout(C).sync(C);
                })
                .allowing(Event.READ, 1)
                .allowing(Event.HEARTBEAT, 1);
    }

    /**
     * Steps, Readies, syncs and their reports come one by one. A leads with an entry that it has not written yet and that
     * nobody has heard of; B and C have gone on without it and committed another in its place.
     */
    static Model slowDisk() {
        return model("slow-disk", 3, all(3), config(100, false), symmetric(3), opening -> {
                    leadsAll(opening);
                    opening.propose(A).loseAll().timeout(C).settle(B, C);
                })
                .apart()
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
                joint(),
                leaderLeaves(),
                readIndex(),
                staleLeader(),
                electedAgain(),
                slowDisk());
    }

    private static void leadsAll(Model.Opening opening) {
        opening.timeout(A).settle(A, B, C).loseAll();
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

    private static Entry command(long term, long index) {
        return new Entry(new EntryId(term, index), Entry.Kind.COMMAND, new byte[] {(byte) (10 * term + index)});
    }

    private static Membership all(int count) {
        List<NodeId> voters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            voters.add(id(i));
        }
        return Membership.ofVoters(voters);
    }

    private static RaftConfig config(int entriesPerAppend, boolean isPolite) {
        return config(entriesPerAppend, isPolite, 1 << 20);
    }

    /** Whoever looks for what is committed and durable looks on the disk. */
    static RaftConfig keepingNothingInMemory() {
        return config(100, false, 0);
    }

    private static RaftConfig config(int entriesPerAppend, boolean isPolite, long maxCachedBytes) {
        return new RaftConfig(
                100_000_000L,
                1_000_000_000L,
                entriesPerAppend,
                1 << 20,
                16,
                1 << 20,
                1 << 20,
                1 << 20,
                maxCachedBytes,
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

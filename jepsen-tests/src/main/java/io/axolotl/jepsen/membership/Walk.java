package io.axolotl.jepsen.membership;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.proto.Member;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.workload.Audit;
import io.axolotl.jepsen.workload.MemberLoad;
import io.axolotl.jepsen.workload.StateDigest;
import io.axolotl.jepsen.workload.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * A cluster of real processes whose members change step by step while writers run through every one of them. Nodes that were removed
 * stay alive if they want to, and stay under load: they must neither disturb nor answer with what is old. Confined to one thread.
 */
public final class Walk implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final long SECOND = 1_000_000_000L;
    private static final long STEADY_GAP_NANOS = 300_000_000;
    private static final int MOST_NODES = 9;

    /** Longer than the silence after which a leader is missed, at the servers' own timeouts. */
    private static final long SETTLE_NANOS = 3 * SECOND;

    /**
     * One change. Immutable; times are in milliseconds.
     *
     * @param title what was done, in words
     * @param tookMillis until the member list showed it, and a node that came had caught up
     * @param writeGapMillis longest time without an acknowledged write through any member, from just before the change until all
     *     served steadily, and after a removal for {@link #SETTLE_NANOS} at least: a leader that is gone is missed only later
     * @param readGapMillis the same for linearizable reads
     */
    public record Step(String title, double tookMillis, double writeGapMillis, double readGapMillis) {}

    /**
     * How it ended. Immutable.
     *
     * @param members names of those in the member list
     * @param digests by member, at the revision of the audit
     */
    public record End(
            Audit audit,
            long staleReads,
            List<String> staleExamples,
            List<String> members,
            Map<String, String> digests) {
        public End {
            staleExamples = List.copyOf(staleExamples);
            members = List.copyOf(members);
            digests = Map.copyOf(digests);
        }

        /** Nothing lost, nothing twice, nothing stale, all members equal. */
        public boolean isClean() {
            return audit.isClean()
                    && staleReads == 0
                    && digests.values().stream().distinct().count() == 1;
        }
    }

    private final ProcessCluster cluster;
    private final List<ServerProcess> voters;
    private final Map<ServerProcess, Long> ids = new LinkedHashMap<>();
    private final MemberLoad load;
    private final Operator operator;
    private final List<Step> steps = new ArrayList<>();

    /**
     * Starts three members and waits until they serve steadily.
     *
     * @param period of the load, see {@link MemberLoad#start}
     */
    public static Walk start(Target target, Duration period) {
        Walk walk = new Walk(ProcessCluster.of(target).build(), period);
        try {
            walk.begin();
            return walk;
        } catch (RuntimeException e) {
            walk.close();
            throw e;
        }
    }

    private Walk(ProcessCluster cluster, Duration period) {
        this.load = MemberLoad.start("members/", MOST_NODES, period);
        this.cluster = cluster;
        this.voters = new CopyOnWriteArrayList<>(cluster.nodes());
        this.operator = new Operator(() -> voters);
    }

    private void begin() {
        cluster.start(BOUND);
        for (Member member : operator.members()) {
            ids.put(nodeOf(member), member.getID());
        }
        voters.forEach(node -> load.add(node.name(), node.clientUrl()));
        awaitSteady();
    }

    /** Members have names only after they have told them; peer URLs are there from the start. */
    private ServerProcess nodeOf(Member member) {
        return cluster.nodes().stream()
                .filter(node -> member.getPeerURLsList().contains(node.spec().peerUrl()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nobody asked for member " + member));
    }

    /** The voters, in the order in which they became that. */
    public List<ServerProcess> voters() {
        return List.copyOf(voters);
    }

    public ServerProcess leader() {
        return cluster.awaitLeader(BOUND);
    }

    /** The steps so far. */
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** Adds a new node as a learner, starts it, and waits until it has caught up. */
    public ServerProcess addLearner() {
        ServerProcess node = cluster.join(voters);
        step("add a learner", () -> {
            ids.put(node, operator.add(node, true));
            node.start();
            node.awaitListening(BOUND);
            cluster.awaitCaughtUp(node, BOUND);
        });
        return node;
    }

    /** Makes a learner a voter. */
    public void promote(ServerProcess learner) {
        step("promote a learner", () -> {
            operator.promote(ids.getOrDefault(learner, 0L));
            becameVoter(learner);
        });
    }

    /** Adds a new node as a voter, and starts it. */
    public ServerProcess addVoter() {
        ServerProcess node = cluster.join(voters);
        step("add a voter", () -> {
            ids.put(node, operator.add(node, false));
            node.startAndAwaitHealthy(BOUND);
            becameVoter(node);
            cluster.awaitCaughtUp(node, BOUND);
        });
        return node;
    }

    private void becameVoter(ServerProcess node) {
        voters.add(node);
        load.add(node.name(), node.clientUrl());
    }

    /** Removes a voter, whose process is left to itself. */
    public void remove(ServerProcess node) {
        step(node == leader() ? "remove the leader" : "remove a follower", SETTLE_NANOS, () -> {
            voters.remove(node);
            operator.remove(ids.getOrDefault(node, 0L));
        });
    }

    private void step(String title, Runnable change) {
        step(title, SECOND, change);
    }

    private void step(String title, long settleNanos, Runnable change) {
        List<String> members = new ArrayList<>(names());
        long start = System.nanoTime();
        change.run();
        long changed = System.nanoTime();
        Await.fact("the change to have its effect", BOUND, () -> System.nanoTime() - changed >= settleNanos);
        awaitSteady();
        long end = System.nanoTime();
        names().stream().filter(name -> !members.contains(name)).forEach(members::add);
        Timeline.View view = load.timeline().view();
        steps.add(new Step(
                title,
                millis(changed - start),
                millis(view.longestWriteGap(members, start, end)),
                millis(view.longestReadGap(members, start, end))));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e5) / 10.0;
    }

    private List<String> names() {
        return voters.stream().map(ServerProcess::name).toList();
    }

    /** Waits until every voter has acknowledged writes for a second. */
    private void awaitSteady() {
        Await.fact("all members to serve: " + names(), BOUND, () -> {
            long now = System.nanoTime();
            Timeline.View view = load.timeline().view();
            return names().stream()
                    .allMatch(name -> view.longestWriteGap(List.of(name), now - SECOND, now) <= STEADY_GAP_NANOS);
        });
    }

    /** Ends the load, and looks for everything that was acknowledged. */
    public End end() {
        load.stop();
        List<String> members = operator.members().stream()
                .map(this::nodeOf)
                .map(ServerProcess::name)
                .sorted()
                .toList();
        Audit audit;
        List<String> endpoints = voters.stream().map(ServerProcess::clientUrl).toList();
        try (AxolotlClient client = AxolotlClient.builder().endpoints(endpoints).build()) {
            audit = load.audit(client);
        }
        Map<String, String> digests = new LinkedHashMap<>();
        for (ServerProcess node : voters) {
            cluster.awaitCaughtUp(node, BOUND);
            try (AxolotlClient member = ProcessCluster.clientOf(node)) {
                digests.put(
                        node.name(), StateDigest.of(member, audit.revision()).hex());
            }
        }
        return new End(audit, load.staleReads(), load.staleExamples(), members, digests);
    }

    /** The servers' logs, for the message of a failed test. */
    public String logs() {
        return cluster.logs();
    }

    /** The steps in one line each. */
    @Override
    public String toString() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        load.close();
        operator.close();
        cluster.close();
    }
}

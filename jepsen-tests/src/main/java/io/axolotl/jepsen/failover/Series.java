package io.axolotl.jepsen.failover;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.workload.Audit;
import io.axolotl.jepsen.workload.MemberLoad;
import io.axolotl.jepsen.workload.StatusWatch;
import io.axolotl.jepsen.workload.Timeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One cluster, one fault, again and again. The cluster is under load from its start to the audit at the end; before every fault it
 * must have served without a gap for a while, so a fault never hits what the one before it left broken. Confined to one thread.
 */
final class Series implements AutoCloseable {
    static final int NODES = 3;
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final long SECOND = 1_000_000_000L;
    private static final long STEADY_GAP_NANOS = 250_000_000;
    private static final long REST_NANOS = 500_000_000;
    private static final long CLOSE_ENTRIES = 500;
    /** A run without traffic before the fault shows nothing. */
    private static final long LEAST_RATE = 30;

    /**
     * What is repeated. Immutable.
     *
     * @param holdSeconds how long a fault lasts that is not undone as soon as there is service again
     */
    record Plan(
            Target target,
            LeaderFault fault,
            int heartbeatMillis,
            int electionMillis,
            int repeats,
            double warmUpSeconds,
            double holdSeconds) {}

    private final Plan plan;
    private final Optional<NodeNetwork> network;
    private final ProcessCluster cluster;
    private final MemberLoad load;
    private final StatusWatch watch = StatusWatch.start();
    private final SplittableRandom chance = new SplittableRandom();
    private final List<Repetition> repetitions = new ArrayList<>();
    private final List<String> voids = new ArrayList<>();

    /** @param folder for the servers' data, which is removed at the end */
    Series(Plan plan, Path folder, Optional<NodeNetwork> network) {
        this.plan = plan;
        this.network = network;
        ProcessCluster.Builder builder = ProcessCluster.of(plan.target)
                .size(NODES)
                .root(folder)
                .flag("heartbeat-interval", Integer.toString(plan.heartbeatMillis))
                .flag("election-timeout", Integer.toString(plan.electionMillis));
        network.ifPresent(own -> builder.places(own::place));
        this.cluster = builder.build();
        this.load = MemberLoad.start("failover/", NODES, MemberLoad.PERIOD);
    }

    /** @param progress gets a line per repetition */
    SeriesResult run(Consumer<String> progress) {
        cluster.start(BOUND);
        for (ServerProcess node : cluster.nodes()) {
            load.add(node.name(), node.clientUrl());
            watch.add(node.name(), node.clientUrl());
        }
        rest((long) (plan.warmUpSeconds * SECOND));
        for (int attempt = 1; attempt <= 2 * plan.repeats && repetitions.size() < plan.repeats; attempt++) {
            String head = (repetitions.size() + 1) + "/" + plan.repeats + " ";
            try {
                Repetition done = repeat();
                repetitions.add(done);
                progress.accept(head + done);
            } catch (Await.TooLateException | IllegalStateException e) {
                // The other repetitions count all the same; that this one does not is in the report.
                voids.add(String.valueOf(e.getMessage()));
                progress.accept(head + "does not count: " + e.getMessage());
                reviveAll();
            }
        }
        awaitSteady();
        load.stop();
        try (AxolotlClient client = cluster.client()) {
            Audit audit = load.audit(client);
            return new SeriesResult(plan, repetitions, voids, audit, load.staleReads(), load.staleExamples());
        }
    }

    private void reviveAll() {
        if (network.isPresent()) {
            for (int node = 0; node < NODES; node++) {
                network.get().mend(node);
            }
        }
        for (ServerProcess node : cluster.nodes()) {
            if (node.isAlive()) {
                node.resume();
            } else {
                node.start();
            }
        }
    }

    private static void rest(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private List<String> names() {
        return cluster.nodes().stream().map(ServerProcess::name).toList();
    }

    /** Waits until all members agree on the leader and are close to it, and each has served without a gap for a second. */
    private ServerProcess awaitSteady() {
        return Await.answer("three members that serve steadily", BOUND, () -> {
            long now = System.nanoTime();
            List<StatusWatch.Sample> all = cluster.nodes().stream()
                    .flatMap(node -> watch.latest(node.name()).stream())
                    .filter(sample -> now - sample.nanos() < STEADY_GAP_NANOS)
                    .toList();
            boolean agree = all.size() == NODES
                    && all.get(0).leaderId() != 0
                    && all.stream().map(StatusWatch.Sample::leaderId).distinct().count() == 1;
            if (!agree) {
                return Optional.empty();
            }
            long commit = all.stream()
                    .mapToLong(StatusWatch.Sample::commitIndex)
                    .max()
                    .orElse(0);
            if (all.stream().anyMatch(sample -> commit - sample.appliedIndex() > CLOSE_ENTRIES)) {
                return Optional.empty();
            }
            Timeline.View view = load.timeline().view();
            for (String name : names()) {
                if (view.longestWriteGap(List.of(name), now - SECOND, now) > STEADY_GAP_NANOS) {
                    return Optional.empty();
                }
            }
            if (view.steadyWrites(names(), now - SECOND, now) < LEAST_RATE) {
                return Optional.empty();
            }
            return all.stream()
                    .filter(sample -> sample.memberId() == sample.leaderId())
                    .map(sample -> cluster.node(sample.member()))
                    .findFirst();
        });
    }

    private Repetition repeat() {
        ServerProcess leader = awaitSteady();
        // At any phase of the heartbeats and of the servers' own housekeeping.
        rest(SECOND + chance.nextLong(SECOND));
        StatusWatch.Sample before = watch.latest(leader.name()).orElseThrow();
        if (before.leaderId() != before.memberId()) {
            throw new Await.TooLateException("a leader that stays: leadership moved by itself just before the fault");
        }
        List<String> survivors =
                cluster.others(leader).stream().map(ServerProcess::name).toList();
        // A slow leader still answers; one that is gone must not make the others look slow.
        List<String> writers =
                plan.fault.end == LeaderFault.End.AFTER_HOLD && isAnsweringDuring() ? names() : survivors;
        long faultNanos = System.nanoTime();
        Timeline.View past = load.timeline().view();
        double rateBefore = past.steadyWrites(writers, faultNanos - SECOND, faultNanos);
        if (rateBefore < LEAST_RATE) {
            throw new Await.TooLateException("traffic: the machine let the steady writers make only "
                    + Math.round(rateBefore) + " writes in the second before the fault");
        }
        load.timeline().forgetBefore(faultNanos - 2 * SECOND);
        watch.forgetBefore(faultNanos - 2 * SECOND);
        faultNanos = System.nanoTime();
        LeaderFault.Injury injury = plan.fault.inflict(
                new LeaderFault.Victim(leader, cluster.nodes().indexOf(leader), network));
        long healNanos;
        try {
            awaitEnd(writers, rateBefore, faultNanos);
        } finally {
            healNanos = System.nanoTime();
            injury.heal();
        }
        long goal = committed();
        long rejoined = awaitRejoined(leader, healNanos, goal);
        long served = awaitServed(leader, healNanos);
        rest(REST_NANOS);
        return judge(before, survivors, writers, faultNanos, healNanos, rejoined, served);
    }

    /** Whether the victim may still answer its clients. */
    private boolean isAnsweringDuring() {
        return plan.fault != LeaderFault.PAUSE && plan.fault != LeaderFault.CUT;
    }

    /**
     * Lets the fault last: for its time, or until the others have served for a second without a gap, and then for its time at most
     * until they do so at half the rate.
     */
    private void awaitEnd(List<String> members, double rateBefore, long faultNanos) {
        if (plan.fault.end == LeaderFault.End.AFTER_HOLD) {
            rest((long) (plan.holdSeconds * SECOND) - (System.nanoTime() - faultNanos));
        } else {
            Await.fact("service after the fault", BOUND, () -> {
                long now = System.nanoTime();
                Timeline.View view = load.timeline().view();
                return view.longestWriteGap(members, now - SECOND, now) < STEADY_GAP_NANOS
                        && (now - faultNanos > (long) (plan.holdSeconds * SECOND)
                                || view.halfRateSince(members, rateBefore, faultNanos, now) != Long.MAX_VALUE);
            });
        }
    }

    private long committed() {
        return cluster.nodes().stream()
                .flatMap(node -> watch.latest(node.name()).stream())
                .mapToLong(StatusWatch.Sample::commitIndex)
                .max()
                .orElse(0);
    }

    private long awaitRejoined(ServerProcess victim, long healNanos, long goal) {
        return Await.answer(
                victim + " to catch up",
                BOUND,
                () -> watch.first(sample -> sample.member().equals(victim.name())
                                && sample.askedNanos() >= healNanos
                                && sample.leaderId() != 0
                                && sample.appliedIndex() >= goal)
                        .map(StatusWatch.Sample::nanos));
    }

    private long awaitServed(ServerProcess victim, long healNanos) {
        return Await.answer(
                victim + " to serve",
                BOUND,
                () -> Optional.of(load.timeline().view().firstWrite(List.of(victim.name()), healNanos))
                        .filter(nanos -> nanos != Long.MAX_VALUE));
    }

    private Repetition judge(
            StatusWatch.Sample before,
            List<String> survivors,
            List<String> writers,
            long faultNanos,
            long healNanos,
            long rejoinedNanos,
            long servedNanos) {
        Timeline.View view = load.timeline().view();
        long noticed = watch.first(sample -> survivors.contains(sample.member())
                        && sample.nanos() > faultNanos
                        && sample.nanos() < healNanos
                        && (sample.leaderId() != before.memberId() || sample.term() > before.term()))
                .map(StatusWatch.Sample::nanos)
                .orElse(Long.MAX_VALUE);
        long newLeader = watch.first(sample -> survivors.contains(sample.member())
                        && sample.nanos() > faultNanos
                        && sample.nanos() < healNanos
                        && sample.leaderId() != before.memberId()
                        && sample.leaderId() != 0)
                .map(StatusWatch.Sample::nanos)
                .orElse(Long.MAX_VALUE);
        long firstWrite = newLeader == Long.MAX_VALUE ? newLeader : view.firstWrite(survivors, newLeader);
        double rateBefore = view.steadyWrites(writers, faultNanos - SECOND, faultNanos);
        return new Repetition(
                before.member(),
                Repetition.millis(view.longestWriteGap(writers, faultNanos, healNanos)),
                Repetition.millis(writers.stream()
                        .mapToLong(name -> view.longestWriteGap(List.of(name), faultNanos, healNanos))
                        .max()
                        .orElse(0)),
                Repetition.millis(view.longestReadGap(writers, faultNanos, healNanos)),
                Repetition.millis(noticed, faultNanos),
                Repetition.millis(newLeader, faultNanos),
                Repetition.millis(firstWrite, faultNanos),
                rateBefore,
                view.steadyWrites(writers, faultNanos, healNanos) * (double) SECOND / (healNanos - faultNanos),
                Repetition.millis(view.halfRateSince(writers, rateBefore, faultNanos, healNanos), faultNanos),
                Repetition.millis(
                        view.longestWriteGap(survivors, healNanos, Math.max(rejoinedNanos, servedNanos) + REST_NANOS)),
                Repetition.millis(rejoinedNanos, healNanos),
                Repetition.millis(servedNanos, healNanos));
    }

    @Override
    public void close() {
        load.close();
        watch.close();
        cluster.close();
        ProcessCluster.delete(cluster.root());
    }
}

package io.axolotl.jepsen.clients;

import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.Bytes;
import io.axolotl.client.KeyRange;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One client at work on a cluster that is hurt again and again, and what has to hold of it: no write lost, none executed twice,
 * none of unknown outcome, no event of a watch missed or repeated, no lock held by two. Confined to one thread.
 */
final class FaultCampaign implements AutoCloseable {
    private static final String PREFIX = "client-faults/";
    private static final String FENCED = PREFIX + "watched/fenced";
    private static final int COUNTERS = 6;
    private static final int HOLDERS = 3;
    private static final int LISTENERS = 3;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long CALL_EVERY_NANOS = 10_000_000;

    /** What a call may take, all its attempts together: far more than any fault lasts. */
    private static final Duration BUDGET = Duration.ofSeconds(60);

    private static final Duration BOUND = Duration.ofSeconds(90);

    /** Increments that clients must have made before the next fault, or nothing is shown. */
    private static final int PROGRESS = 20;

    /**
     * What is done. Immutable.
     *
     * @param hurts of which one is drawn each time
     * @param holdMillis how long each lasts at most
     */
    record Plan(List<Hurt> hurts, long nanos, long holdMillis) {}

    private final Plan plan;
    private final Hurt.Scene scene;
    private final ProcessCluster cluster;
    private final AxolotlClient client;
    private final Counters counters;
    private final Fences fences;
    private final CallMeter meter;
    private final List<Listener> listeners = new ArrayList<>();
    private final Map<Hurt, Integer> done = new EnumMap<>(Hurt.class);
    private final List<Double> worstMillisOfLeaderKills = new ArrayList<>();
    private final Set<String> violations = new LinkedHashSet<>();
    private final SplittableRandom chance = new SplittableRandom();

    /** @param scene with a cluster that serves */
    FaultCampaign(Plan plan, Hurt.Scene scene) {
        this.plan = plan;
        this.scene = scene;
        this.cluster = scene.cluster();
        this.client = AxolotlClient.builder()
                .endpoints(cluster.endpoints())
                .requestTimeout(BUDGET)
                .build();
        this.counters = new Counters(client, PREFIX + "watched/count/", COUNTERS, PAUSE_NANOS);
        this.fences = new Fences(client, PREFIX + "lock", FENCED, HOLDERS, PAUSE_NANOS);
        this.meter = new CallMeter(() -> client.kv().put(PREFIX + "latency", "x"), CALL_EVERY_NANOS);
    }

    /** Runs it to its end. */
    void run(Consumer<String> progress) {
        for (int i = 0; i < LISTENERS; i++) {
            listeners.add(new Listener(client, KeyRange.prefix(PREFIX + "watched/"), FENCED));
        }
        counters.start();
        fences.start();
        meter.start();
        long end = System.nanoTime() + plan.nanos;
        awaitProgress();
        // Each of them once at least, whatever the dice say.
        List<Hurt> first = new ArrayList<>(plan.hurts);
        while (violations.isEmpty() && (!first.isEmpty() || System.nanoTime() < end)) {
            Hurt hurt = first.isEmpty() ? plan.hurts.get(chance.nextInt(plan.hurts.size())) : first.remove(0);
            hurt(hurt, progress);
        }
        finish();
    }

    private void awaitProgress() {
        long goal = counters.acknowledged() + PROGRESS;
        try {
            Await.fact(PROGRESS + " more increments", BOUND, () -> counters.acknowledged() >= goal);
        } catch (Await.TooLateException e) {
            violations.add("clients were not served any more: " + e.getMessage());
        }
    }

    private void hurt(Hurt hurt, Consumer<String> progress) {
        ServerProcess leader = cluster.awaitLeader(BOUND);
        boolean hitsLeader = hurt != Hurt.MOVE && chance.nextInt(3) > 0;
        List<ServerProcess> others = cluster.others(leader);
        ServerProcess victim = hitsLeader ? leader : others.get(chance.nextInt(others.size()));
        long unused = meter.takeWorstNanos();
        Runnable heal = hurt.inflict(scene, victim);
        try {
            rest(plan.holdMillis * 500_000 + chance.nextLong(plan.holdMillis * 500_000));
        } finally {
            heal.run();
        }
        awaitProgress();
        done.merge(hurt, 1, Integer::sum);
        if (victim.isAlive()) {
            victim.awaitHealthy(BOUND);
        }
        cluster.awaitCaughtUp(victim, BOUND);
        long worst = meter.takeWorstNanos();
        if (hurt == Hurt.KILL && hitsLeader) {
            worstMillisOfLeaderKills.add(worst / 1e6);
        }
        progress.accept(hurt + " of " + (hurt == Hurt.MOVE ? "leadership to " : hitsLeader ? "the leader " : "")
                + victim + ": the longest call took " + Text.duration(worst) + "; "
                + Text.count(counters.acknowledged()) + " increments so far");
        listeners.forEach(listener -> listener.violation().ifPresent(violations::add));
        fences.violation().ifPresent(violations::add);
    }

    private static void rest(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private void finish() {
        meter.stop();
        counters.stop(BOUND.toNanos()).ifPresent(violations::add);
        fences.stop(BOUND.toNanos()).ifPresent(violations::add);
        fences.violation().ifPresent(violations::add);
        try {
            violations.addAll(counters.audit());
            for (Listener listener : listeners) {
                requireAllTold(listener);
            }
        } catch (AxolotlException e) {
            violations.add("what was written cannot be read at the end: " + e.getMessage());
        }
    }

    /** Every put of every key, up to the newest. */
    private void requireAllTold(Listener listener) {
        client.kv()
                .get(KeyRange.prefix(PREFIX + "watched/"))
                .await()
                .kvs()
                .forEach(kv -> requireTold(listener, kv.key(), kv.version()));
        listener.violation().ifPresent(violations::add);
    }

    private void requireTold(Listener listener, Bytes key, long version) {
        try {
            Await.fact(
                    "the watch to tell of all",
                    BOUND,
                    () -> listener.judge().version(key) >= version
                            || listener.violation().isPresent());
        } catch (Await.TooLateException e) {
            violations.add("a watch has told of " + listener.judge().version(key) + " of the " + version + " puts of "
                    + key.utf8());
        }
    }

    /** What was not as it has to be; nothing of it if all was. */
    List<String> violations() {
        return List.copyOf(violations);
    }

    /** How often each fault was there. */
    Map<Hurt, Integer> done() {
        return Map.copyOf(done);
    }

    /** For people. */
    String report() {
        StringBuilder text = new StringBuilder();
        text.append("faults:   ").append(done).append('\n');
        text.append("counters: ")
                .append(Text.count(counters.acknowledged()))
                .append(" increments acknowledged, ")
                .append(counters.unknown())
                .append(" unknown, ")
                .append(counters.refused())
                .append(" refused, ")
                .append(counters.failedReads())
                .append(" reads failed\n");
        for (Listener listener : listeners) {
            text.append("watch:    ")
                    .append(Text.count(listener.judge().events()))
                    .append(" events, up to revision ")
                    .append(listener.judge().revision())
                    .append('\n');
        }
        text.append("lock:     held ")
                .append(Text.count(fences.holds(), "time", "times"))
                .append(", ")
                .append(Text.count(fences.writes()))
                .append(" guarded writes, ")
                .append(Text.count(fences.lost(), "turn", "turns"))
                .append(" without it\n");
        text.append("a put every ")
                .append(Text.duration(CALL_EVERY_NANOS))
                .append(", over all faults: ")
                .append(meter.latency())
                .append("; ")
                .append(meter.failed())
                .append(" failed ")
                .append(meter.failures())
                .append('\n');
        if (!worstMillisOfLeaderKills.isEmpty()) {
            text.append("the longest put over a leader's kill, median / p90 / worst of ")
                    .append(worstMillisOfLeaderKills.size())
                    .append(": ")
                    .append(Text.spread(worstMillisOfLeaderKills))
                    .append(" ms\n");
        }
        text.append(violations.isEmpty() ? "verdict:  every promise was kept\n" : "verdict:  BROKEN\n");
        violations.forEach(violation -> text.append("  ").append(violation).append('\n'));
        return text.toString();
    }

    @Override
    public void close() {
        meter.close();
        listeners.forEach(Listener::close);
        client.close();
    }
}

package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.environment.Environment;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * A cluster as faults see it: nodes by their numbers, who leads, and which of them another fault has to itself. Safe for all threads.
 */
public final class Scene {
    /** Far above what a quiet machine needs: whoever is not back by then is stuck. */
    static final Duration BOUND = Duration.ofSeconds(90);

    /** Longer than an election takes if nothing stands in its way. */
    private static final Duration LEADER_BOUND = Duration.ofSeconds(6);

    private final Environment environment;
    private final Target target;
    private final History history;
    private final Claims claims;
    /** Processes that a fault has ended, or has given a reason to end. */
    private final Set<Long> excused = ConcurrentHashMap.newKeySet();

    /** @param history gets what faults ask of the cluster as clients do, and what judges have to know of */
    public Scene(Environment environment, Target target, History history) {
        this.environment = environment;
        this.target = target;
        this.history = history;
        this.claims = new Claims(environment.cluster().nodes().size());
    }

    Environment environment() {
        return environment;
    }

    ProcessCluster cluster() {
        return environment.cluster();
    }

    Target target() {
        return target;
    }

    Claims claims() {
        return claims;
    }

    History history() {
        return history;
    }

    int size() {
        return cluster().nodes().size();
    }

    List<Integer> all() {
        return IntStream.range(0, size()).boxed().toList();
    }

    ServerProcess node(int number) {
        return cluster().nodes().get(number);
    }

    String name(int number) {
        return node(number).name();
    }

    String names(List<Integer> numbers) {
        return String.join(" ", numbers.stream().map(this::name).toList());
    }

    /** Who leads, if anybody says so soon. */
    Optional<Integer> leader() {
        try {
            return Optional.of(cluster().nodes().indexOf(cluster().awaitLeader(LEADER_BOUND)));
        } catch (Await.TooLateException e) {
            return Optional.empty();
        }
    }

    /** All nodes in an order that chance gives. */
    List<Integer> shuffled(SplittableRandom chance) {
        List<Integer> order = new ArrayList<>(all());
        for (int last = order.size() - 1; last > 0; last--) {
            int other = chance.nextInt(last + 1);
            int swapped = order.get(last);
            order.set(last, order.get(other));
            order.set(other, swapped);
        }
        return order;
    }

    /** The same, the leader in front: faults that hit leaders find more. */
    List<Integer> leaderFirst(SplittableRandom chance) {
        List<Integer> order = new ArrayList<>(shuffled(chance));
        leader().ifPresent(leader -> {
            order.remove(leader);
            order.add(0, leader);
        });
        return order;
    }

    /** In two of three cases the leader in front. */
    List<Integer> oftenLeaderFirst(SplittableRandom chance) {
        return chance.nextInt(3) > 0 ? leaderFirst(chance) : shuffled(chance);
    }

    /** The process that a node has now may end, by whatever hand; the next one may not. */
    void excuse(int number) {
        ServerProcess node = node(number);
        if (node.isAlive()) {
            excused.add(node.pid());
        }
    }

    /** Who has outlived what gave it a reason to end has none any more. */
    void excuseNoMore(int number) {
        ServerProcess node = node(number);
        if (node.isAlive()) {
            excused.remove(node.pid());
        }
    }

    /** {@code kill -9}. */
    void kill(int number) {
        excuse(number);
        node(number).kill();
    }

    /** Whether a fault has ended a process, or has given it a reason to end. */
    public boolean isExcused(long pid) {
        return excused.contains(pid);
    }

    /**
     * Starts a node that does not live, waits until it is healthy, and lets it go whether it is or not. One that outlived the fault may
     * still end of it: whoever waited for memory was told that there is none.
     */
    void revive(Claims.Claim claim) {
        try (claim) {
            List<ServerProcess> living = new ArrayList<>();
            List<ServerProcess> started = new ArrayList<>();
            for (int number : claim.nodes) {
                ServerProcess node = node(number);
                if (node.isAlive()) {
                    living.add(node);
                } else {
                    node.start();
                    started.add(node);
                }
            }
            living.forEach(node -> node.awaitHealthyOrStartAgain(BOUND));
            started.forEach(node -> node.awaitHealthy(BOUND));
        }
    }

    /** Waits until a node has what the others have. */
    void awaitCaughtUp(int number) {
        cluster().awaitCaughtUp(node(number), BOUND);
    }

    /** A client of the whole cluster that gives up soon; the caller closes it. */
    AxolotlClient client() {
        return AxolotlClient.builder()
                .endpoints(cluster().endpoints())
                .requestTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** Whether a fault has a node to itself. */
    public boolean isHeld(int number) {
        return claims.isHeld(number);
    }

    /**
     * Makes links whole, sets clocks right, gives memory back, lets everybody go on and starts who is dead.
     *
     * @return what could not be done, in words for people
     */
    public List<String> healAll() {
        List<String> failures = new ArrayList<>();
        attempt(failures, "the links", () -> environment.network().links().liftAll());
        for (int number : all()) {
            attempt(
                    failures,
                    "the clock of " + name(number),
                    () -> environment.clock(number).ifPresent(clock -> clock.setRight()));
            attempt(
                    failures,
                    "the memory of " + name(number),
                    () -> environment.memory(number).ifPresent(memory -> memory.loosen()));
            attempt(failures, name(number), () -> {
                ServerProcess node = node(number);
                if (node.isAlive()) {
                    node.resume();
                } else {
                    node.start();
                }
            });
        }
        return failures;
    }

    private static void attempt(List<String> failures, String what, Runnable heal) {
        try {
            heal.run();
        } catch (RuntimeException e) {
            failures.add("at the end " + what + " could not be made whole: " + e.getMessage());
        }
    }

    /** Waits, without being able to be woken. */
    static void rest(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        Await.fact("time to pass", Duration.ofMillis(millis + 10_000), () -> System.nanoTime() >= end);
    }
}

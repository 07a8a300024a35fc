package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.environment.MemoryRoom;
import io.axolotl.jepsen.chaos.environment.ProcessorShare;
import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What is done to processes. */
final class ProcessFaults {
    private static final Duration STOP_BOUND = Duration.ofSeconds(30);

    private ProcessFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of(
                                "leader-kill",
                                List.of("P1"),
                                (scene, chance) ->
                                        kill(scene, scene.leader().stream().toList()))
                        .lasting(500, 4_000),
                Fault.of("random-kill", List.of("P1"), (scene, chance) -> kill(scene, scene.shuffled(chance)))
                        .lasting(500, 6_000),
                Fault.of("all-kill", List.of("P3"), ProcessFaults::killAll)
                        .lasting(200, 2_000)
                        .withoutQuorum(),
                Fault.of("pause", List.of("P6", "P7"), ProcessFaults::pause),
                Fault.of("pause-majority", List.of("P8"), ProcessFaults::pauseMajority)
                        .withoutQuorum(),
                Fault.of("stalls", List.of("P9"), ProcessFaults::stall),
                Fault.of("restart-storm", List.of("P4"), ProcessFaults::restartAgainAndAgain)
                        .lasting(0, 1_000),
                Fault.of("rolling-restart", List.of("O1", "P5"), ProcessFaults::restartAll)
                        .lasting(0, 1_000),
                Fault.of("starved", List.of("P13"), ProcessFaults::starve).needing(Ability.PROCESSOR_SHARES),
                Fault.of("tight-memory", List.of("P12"), ProcessFaults::tighten)
                        .needing(Ability.MEMORY_ROOMS)
                        .notOn(Target.ETCD, "etcd lives within what it has: it was never seen to feel the limit")
                        .lasting(3_000, 8_000));
    }

    private static Optional<Injury> kill(Scene scene, List<Integer> candidates) {
        return scene.claims().one(candidates).map(Claims.guarded(claim -> {
            boolean led =
                    scene.leader().filter(leader -> leader == claim.node()).isPresent();
            scene.kill(claim.node());
            return new Injury(
                            scene.name(claim.node()),
                            "kill -9 of " + (led ? "the leader" : "a follower"),
                            () -> scene.revive(claim))
                    .shownBy(Effects.dead(List.of(scene.node(claim.node()))));
        }));
    }

    private static Optional<Injury> killAll(Scene scene, SplittableRandom chance) {
        return scene.claims().all(scene.all()).map(Claims.guarded(claim -> {
            scene.all().forEach(scene::kill);
            return new Injury("all", "kill -9 of all at once", () -> scene.revive(claim))
                    .shownBy(Effects.dead(scene.cluster().nodes()));
        }));
    }

    private static Optional<Injury> pause(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            ServerProcess node = scene.node(claim.node());
            node.pause();
            return new Injury(node.name(), "SIGSTOP", () -> {
                        node.resume();
                        claim.close();
                    })
                    .shownBy(Effect.of(() -> Effects.isStopped(node.pid())));
        }));
    }

    /** So many that nobody can lead; in one of three cases all. */
    private static Optional<Injury> pauseMajority(Scene scene, SplittableRandom chance) {
        int count = chance.nextInt(3) == 0 ? scene.size() : scene.size() / 2 + 1;
        List<Integer> victims = scene.oftenLeaderFirst(chance).subList(0, count);
        return scene.claims().all(victims).map(Claims.guarded(claim -> {
            List<ServerProcess> nodes = victims.stream().map(scene::node).toList();
            Runnable resume = () -> nodes.forEach(ServerProcess::resume);
            try {
                nodes.forEach(ServerProcess::pause);
            } catch (RuntimeException e) {
                resume.run();
                throw e;
            }
            return new Injury(scene.names(victims), "SIGSTOP of " + count + " at once", () -> {
                        resume.run();
                        claim.close();
                    })
                    .shownBy(Effect.of(
                            () -> nodes.stream().map(ServerProcess::pid).allMatch(Effects::isStopped)));
        }));
    }

    /** As a Java machine that collects garbage: short stops, one after the other. */
    private static Optional<Injury> stall(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            long since = System.nanoTime();
            ServerProcess node = scene.node(claim.node());
            int times = 4 + chance.nextInt(5);
            int felt = 0;
            for (int i = 0; i < times; i++) {
                node.pause();
                try {
                    Scene.rest(50 + chance.nextInt(400));
                    felt += Effects.isStopped(node.pid()) ? 1 : 0;
                } finally {
                    node.resume();
                }
                Scene.rest(100 + chance.nextInt(200));
            }
            return new Injury(scene.name(claim.node()), times + " stops of 50 to 450 ms", since, claim::close)
                    .shownBy(Effect.known(felt == times));
        }));
    }

    private static Optional<Injury> restartAgainAndAgain(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            long since = System.nanoTime();
            ServerProcess node = scene.node(claim.node());
            int times = 3 + chance.nextInt(4);
            scene.kill(claim.node());
            for (int i = 0; i < times; i++) {
                node.start();
                Scene.rest(100 + chance.nextInt(1_900));
                scene.kill(claim.node());
            }
            return new Injury(
                            node.name(),
                            "killed " + (times + 1) + " times, mostly during its start",
                            since,
                            () -> scene.revive(claim))
                    .shownBy(Effects.dead(List.of(node)));
        }));
    }

    private static Optional<Injury> restartAll(Scene scene, SplittableRandom chance) {
        return scene.claims().all(scene.all()).map(Claims.guarded(claim -> {
            long since = System.nanoTime();
            List<Long> before =
                    scene.cluster().nodes().stream().map(ServerProcess::pid).toList();
            for (int number : scene.shuffled(chance)) {
                scene.excuse(number);
                int unused = scene.node(number).stop(STOP_BOUND);
                scene.node(number).startAndAwaitHealthy(Scene.BOUND);
                scene.awaitCaughtUp(number);
            }
            boolean isFelt =
                    scene.cluster().nodes().stream().map(ServerProcess::pid).noneMatch(before::contains);
            return new Injury("all", "SIGTERM and start, one after the other", since, claim::close)
                    .shownBy(Effect.known(isFelt));
        }));
    }

    private static Optional<Injury> starve(Scene scene, SplittableRandom chance) {
        int percent = 5 + chance.nextInt(20);
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            ProcessorShare share = ProcessorShare.of(scene.node(claim.node()), percent);
            return new Injury(scene.name(claim.node()), percent + " % of a processor", () -> {
                        share.close();
                        claim.close();
                    })
                    .shownBy(Effect.of(() -> share.timesHeldBack() > 0));
        }));
    }

    /** Whoever waits for memory may well give up, and in one of three cases is killed. */
    private static Optional<Injury> tighten(Scene scene, SplittableRandom chance) {
        int kilobytes = chance.nextInt(1_024);
        boolean kills = chance.nextInt(3) == 0;
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            MemoryRoom memory = scene.environment().memory(claim.node()).orElseThrow();
            scene.excuse(claim.node());
            long bytes = memory.tighten((long) kilobytes << 10, kills);
            return new Injury(
                            scene.name(claim.node()),
                            "no more than " + (bytes >> 20) + " MB of memory, and who wants more "
                                    + (kills ? "is killed" : "waits"),
                            () -> {
                                memory.loosen();
                                scene.revive(claim);
                                scene.excuseNoMore(claim.node());
                            })
                    .shownBy(Effect.of(() -> memory.timesFull() > 0));
        }));
    }
}

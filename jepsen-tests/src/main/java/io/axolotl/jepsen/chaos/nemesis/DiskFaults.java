package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.environment.DiskShare;
import io.axolotl.jepsen.chaos.environment.SmallDisk;
import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.SystemCalls;
import io.axolotl.jepsen.process.Target;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;

/** What disks do: be slow, hang, fail, be full, and lose their power. Nothing that was synced is destroyed. */
final class DiskFaults {
    private DiskFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("slow-disk", List.of("D23", "D24"), DiskFaults::slow)
                        .needing(Ability.SYSTEM_CALLS)
                        .lasting(4_000, 8_000),
                Fault.of("narrow-disk", List.of("D23", "D24"), DiskFaults::narrow)
                        .needing(Ability.SMALL_DISKS, Ability.DISK_SHARES)
                        .lasting(4_000, 8_000),
                Fault.of("hung-disk", List.of("D23"), DiskFaults::hang)
                        .needing(Ability.SYSTEM_CALLS)
                        .lasting(6_000, 12_000),
                Fault.of(
                                "sync-error",
                                List.of("D5"),
                                (scene, chance) ->
                                        fail(scene, chance, SystemCalls::failSyncs, "fsync and fdatasync fail"))
                        .needing(Ability.SYSTEM_CALLS),
                Fault.of(
                                "write-error",
                                List.of("D4"),
                                (scene, chance) ->
                                        fail(scene, chance, SystemCalls::failWrites, "writes to open files fail"))
                        .needing(Ability.SYSTEM_CALLS),
                Fault.of("full-disk", List.of("D1"), DiskFaults::fill)
                        .needing(Ability.SMALL_DISKS)
                        .lasting(4_000, 8_000),
                Fault.of("power-cut", List.of("D6", "D8"), DiskFaults::cutPower)
                        .needing(Ability.POWER_CUTS)
                        .lasting(500, 4_000),
                Fault.of("power-cut-all", List.of("D7"), DiskFaults::cutPowerOfAll)
                        .needing(Ability.POWER_CUTS)
                        .lasting(200, 2_000)
                        .withoutQuorum(),
                Fault.of("dead-disk", List.of("D25"), DiskFaults::die)
                        .needing(Ability.POWER_CUTS)
                        .lasting(3_000, 6_000));
    }

    private static Optional<Injury> slow(Scene scene, SplittableRandom chance) {
        int millis = 20 + chance.nextInt(700);
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            ServerProcess node = scene.node(claim.node());
            SystemCalls slow = SystemCalls.slowSyncs(node, Duration.ofMillis(millis));
            return new Injury(node.name(), millis + " ms more for every sync", () -> {
                        try (claim) {
                            slow.close();
                        }
                    })
                    .shownBy(Effects.slowSyncs(node, Duration.ofMillis(millis)));
        }));
    }

    /** So that it is felt on a machine whose own disk is slow too, a sync takes some tens of milliseconds at least. */
    private static Optional<Injury> narrow(Scene scene, SplittableRandom chance) {
        int requests = 8 + chance.nextInt(23);
        int kilobytes = 300 + chance.nextInt(1_701);
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            ServerProcess node = scene.node(claim.node());
            DiskShare share = DiskShare.of(node.pid(), disk(scene, claim.node()), requests, kilobytes * 1_000);
            return new Injury(node.name(), requests + " requests and " + kilobytes + " kB a second to its disk", () -> {
                        try (claim) {
                            share.close();
                        }
                    })
                    .shownBy(Effects.narrow(node, share));
        }));
    }

    /** A process may well give up on such a disk. */
    private static Optional<Injury> hang(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            scene.excuse(claim.node());
            ServerProcess node = scene.node(claim.node());
            SystemCalls hung = SystemCalls.slowSyncs(node, Duration.ofSeconds(30));
            return new Injury(node.name(), "no sync ends", () -> {
                        hung.close();
                        comeBack(scene, claim);
                    })
                    .shownBy(Effects.noSyncs(node));
        }));
    }

    private static Optional<Injury> fail(
            Scene scene, SplittableRandom chance, Function<ServerProcess, SystemCalls> how, String what) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            scene.excuse(claim.node());
            ServerProcess node = scene.node(claim.node());
            SystemCalls failing = how.apply(node);
            return new Injury(node.name(), what, () -> {
                        failing.close();
                        // Whoever goes on after such an error believes of its disk what is not so: an operator would
                        // not let it.
                        comeBack(scene, claim);
                    })
                    .shownBy(Effects.told(node, "nput/output error"));
        }));
    }

    private static void comeBack(Scene scene, Claims.Claim claim) {
        scene.kill(claim.node());
        scene.revive(claim);
    }

    private static SmallDisk disk(Scene scene, int node) {
        return scene.environment().disk(node).orElseThrow();
    }

    /** etcd ends when it cannot write, and may. */
    private static Optional<Injury> fill(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            if (scene.target() == Target.ETCD) {
                scene.excuse(claim.node());
            }
            disk(scene, claim.node()).fill();
            return new Injury(scene.name(claim.node()), "no room is left", () -> {
                        disk(scene, claim.node()).free();
                        scene.revive(claim);
                    })
                    .shownBy(Effects.refusing(List.of(disk(scene, claim.node())), "No space left"));
        }));
    }

    private static Optional<Injury> cutPower(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            cut(scene, claim.node());
            return new Injury(scene.name(claim.node()), "what was not synced is gone", () -> {
                        disk(scene, claim.node()).powerOn();
                        scene.revive(claim);
                    })
                    .shownBy(Effects.refusing(List.of(disk(scene, claim.node())), ""));
        }));
    }

    private static Optional<Injury> cutPowerOfAll(Scene scene, SplittableRandom chance) {
        return scene.claims().all(scene.all()).map(Claims.guarded(claim -> {
            scene.all().forEach(scene::excuse);
            scene.all().forEach(node -> disk(scene, node).cutPower());
            scene.all().forEach(scene::kill);
            return new Injury("all", "what was not synced is gone, of all at once", () -> {
                        scene.all().forEach(node -> disk(scene, node).powerOn());
                        scene.revive(claim);
                    })
                    .shownBy(Effects.refusing(
                            scene.all().stream().map(node -> disk(scene, node)).toList(), ""));
        }));
    }

    private static void cut(Scene scene, int node) {
        scene.excuse(node);
        disk(scene, node).cutPower();
        scene.kill(node);
    }

    /** The disk is gone under a process that lives on: it has to end, or at least to lead no more. */
    private static Optional<Injury> die(Scene scene, SplittableRandom chance) {
        return scene.claims().one(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            scene.excuse(claim.node());
            disk(scene, claim.node()).cutPower();
            return new Injury(scene.name(claim.node()), "every call to the disk fails", () -> {
                        scene.kill(claim.node());
                        disk(scene, claim.node()).powerOn();
                        scene.revive(claim);
                    })
                    .shownBy(Effects.refusing(List.of(disk(scene, claim.node())), ""));
        }));
    }
}

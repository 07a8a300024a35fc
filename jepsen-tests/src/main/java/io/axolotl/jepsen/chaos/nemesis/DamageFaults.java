package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import io.axolotl.jepsen.membership.Operator;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Command;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Data of a node is destroyed while it is down; of no more than a minority at a time. A node that does not come back by itself is
 * replaced as an operator would: removed, emptied, and added again.
 */
final class DamageFaults {
    private static final Duration OWN_RECOVERY_BOUND = Duration.ofSeconds(40);
    private static final long OLD_COPY_MILLIS = 3_000;

    private DamageFaults() {}

    static List<Fault> all() {
        return List.of(
                damage("flip-wal", List.of("D11", "D12"), DamageFaults::flipLog),
                damage("flip-snapshot", List.of("D13"), DamageFaults::flipSnapshot),
                damage("flip-sst", List.of("D14", "D32"), DamageFaults::flipTable)
                        .notOn(Target.ETCD, "etcd keeps its state in one file, without tables"),
                damage("truncated-file", List.of("D9"), DamageFaults::truncateLog),
                damage("lost-file", List.of("D17"), DamageFaults::loseLogFile),
                damage("wiped-member", List.of("D19"), DamageFaults::wipe),
                Fault.of("old-disk", List.of("D20"), DamageFaults::restoreOldCopy)
                        .from(3)
                        .lasting(500, 2_000),
                Fault.of("members", List.of("M1", "M16"), DamageFaults::replaceMember)
                        .from(3)
                        .lasting(1_000, 4_000));
    }

    /** What is done to a data folder. */
    private interface Destruction {
        /** @return what was done, in words; nothing if there is nothing to do it to */
        Optional<String> destroy(Path member, SplittableRandom chance) throws IOException;
    }

    private static Fault damage(String id, List<String> catalogue, Destruction destruction) {
        return Fault.of(id, catalogue, (scene, chance) -> damage(scene, chance, destruction))
                .from(3)
                .lasting(500, 3_000);
    }

    private static Optional<Injury> damage(Scene scene, SplittableRandom chance, Destruction destruction) {
        Optional<Claims.Claim> claim = scene.claims().oneToDamage(scene.shuffled(chance));
        return claim.flatMap(it -> damage(scene, chance, destruction, it));
    }

    private static Optional<Injury> damage(
            Scene scene, SplittableRandom chance, Destruction destruction, Claims.Claim claim) {
        ServerProcess node = scene.node(claim.node());
        scene.kill(claim.node());
        Optional<String> what;
        try {
            what = destruction.destroy(node.spec().dataFolder().resolve("member"), chance);
        } catch (IOException e) {
            scene.revive(claim);
            throw new UncheckedIOException("cannot damage " + node, e);
        }
        if (what.isEmpty()) {
            // There was nothing to destroy yet.
            scene.revive(claim);
        }
        return what.map(done -> new Injury(node.name(), done, () -> comeBack(scene, claim)));
    }

    /** By itself if it can, else as a new member. */
    private static void comeBack(Scene scene, Claims.Claim claim) {
        try (claim) {
            int number = claim.node();
            ServerProcess node = scene.node(number);
            node.start();
            // It may refuse what it finds.
            scene.excuse(number);
            if (!isHealthySoon(node)) {
                scene.kill(number);
                replace(scene, number);
            }
            scene.awaitCaughtUp(number);
        }
    }

    private static boolean isHealthySoon(ServerProcess node) {
        try {
            Await.fact(
                    node + " to end, or to be healthy", OWN_RECOVERY_BOUND, () -> !node.isAlive() || node.isHealthy());
            return node.isAlive();
        } catch (Await.TooLateException e) {
            // It lives, and serves nobody: it says no.
            return false;
        }
    }

    private static void replace(Scene scene, int number) {
        ServerProcess old = scene.node(number);
        scene.kill(number);
        try (Operator operator = new Operator(() -> scene.cluster().others(scene.node(number)))) {
            remove(operator, old);
            long unused = operator.add(old, false);
            Set<String> peerUrls = operator.members().stream()
                    .flatMap(member -> member.getPeerURLsList().stream())
                    .collect(Collectors.toSet());
            ServerProcess fresh = scene.cluster().replace(old, peerUrls);
            fresh.startAndAwaitHealthy(Scene.BOUND);
        }
    }

    private static void remove(Operator operator, ServerProcess node) {
        operator.members().stream()
                .filter(member -> member.getPeerURLsList().contains(node.spec().peerUrl()))
                .forEach(member -> operator.remove(member.getID()));
    }

    private static Optional<String> flipLog(Path member, SplittableRandom chance) throws IOException {
        return flip(files(member.resolve("wal"), "wal"), chance);
    }

    private static Optional<String> flipSnapshot(Path member, SplittableRandom chance) throws IOException {
        List<Path> ours = files(member.resolve("snapshots"), "");
        return flip(ours.isEmpty() ? files(member.resolve("snap"), "snap") : ours, chance);
    }

    private static Optional<String> flipTable(Path member, SplittableRandom chance) throws IOException {
        return flip(files(member.resolve("db"), "sst"), chance);
    }

    /** Regular files below a folder with this ending, all for an empty one, in a fixed order. */
    private static List<Path> files(Path folder, String ending) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(
                            file -> Files.isRegularFile(file) && file.toString().endsWith(ending))
                    .filter(file -> file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    /** One to four bits of one file, where something is written. */
    private static Optional<String> flip(List<Path> files, SplittableRandom chance) throws IOException {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        Path file = files.get(chance.nextInt(files.size()));
        int bits = 1 + chance.nextInt(4);
        long last = 0;
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            long written = written(access);
            if (written == 0) {
                return Optional.empty();
            }
            for (int i = 0; i < bits; i++) {
                last = chance.nextLong(written);
                access.seek(last);
                int before = access.read();
                access.seek(last);
                access.write(before ^ 1 << chance.nextInt(8));
            }
        }
        return Optional.of(bits + " bits of " + file.getFileName() + " flipped, the last in byte " + last);
    }

    /** Up to where a file is written: logs are made with zeroes in advance. */
    private static long written(RandomAccessFile access) throws IOException {
        byte[] block = new byte[1 << 12];
        long end = access.length();
        while (end > 0) {
            long start = Math.max(0, end - block.length);
            access.seek(start);
            int count = (int) (end - start);
            access.readFully(block, 0, count);
            for (int i = count - 1; i >= 0; i--) {
                if (block[i] != 0) {
                    return start + i + 1;
                }
            }
            end = start;
        }
        return 0;
    }

    private static Optional<String> truncateLog(Path member, SplittableRandom chance) throws IOException {
        Optional<Path> newest = newest(files(member.resolve("wal"), "wal"));
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        try (RandomAccessFile access = new RandomAccessFile(newest.get().toFile(), "rw")) {
            long written = written(access);
            if (written == 0) {
                return Optional.empty();
            }
            long cut = Math.min(written, 1 + chance.nextLong(4_096));
            access.setLength(written - cut);
            return Optional.of("the last " + cut + " bytes of " + newest.get().getFileName() + " cut off");
        }
    }

    /** The last one that was written to: one with a later name may have been made in advance, and hold nothing. */
    private static Optional<Path> newest(List<Path> files) {
        return files.stream().max(Comparator.comparingLong(file -> file.toFile().lastModified()));
    }

    /** The oldest or the newest file of the log. */
    static Optional<String> loseLogFile(Path member, SplittableRandom chance) throws IOException {
        List<Path> log = files(member.resolve("wal"), "wal");
        Optional<Path> lost = chance.nextBoolean() ? newest(log) : log.stream().findFirst();
        if (lost.isEmpty()) {
            return Optional.empty();
        }
        Files.delete(lost.get());
        return Optional.of(lost.get().getFileName() + " is gone, one of " + log.size() + " files of the log");
    }

    private static Optional<String> wipe(Path member, SplittableRandom chance) {
        ProcessCluster.delete(member);
        return Optional.of("all data gone");
    }

    /** The node is down for a moment to be copied, runs on, and comes back as it was then. */
    private static Optional<Injury> restoreOldCopy(Scene scene, SplittableRandom chance) {
        return scene.claims().oneToDamage(scene.shuffled(chance)).map(Claims.guarded(claim -> {
            long since = System.nanoTime();
            ServerProcess node = scene.node(claim.node());
            Path data = node.spec().dataFolder();
            Path copy = data.resolveSibling(data.getFileName() + ".old");
            ProcessCluster.delete(copy);
            scene.kill(claim.node());
            Command.require(List.of("cp", "-a", data.toString(), copy.toString()), "");
            node.startAndAwaitHealthy(Scene.BOUND);
            Scene.rest(OLD_COPY_MILLIS + chance.nextLong(OLD_COPY_MILLIS));
            scene.kill(claim.node());
            ProcessCluster.delete(data);
            Command.require(List.of("mv", copy.toString(), data.toString()), "");
            return new Injury(
                    node.name(), "its disk is as it was some seconds ago", since, () -> comeBack(scene, claim));
        }));
    }

    /** A member is removed while it lives, and a new one with its address comes in its place. */
    private static Optional<Injury> replaceMember(Scene scene, SplittableRandom chance) {
        return scene.claims().oneToDamage(scene.oftenLeaderFirst(chance)).map(Claims.guarded(claim -> {
            ServerProcess node = scene.node(claim.node());
            scene.excuse(claim.node());
            try (Operator operator = new Operator(() -> scene.cluster().others(node))) {
                remove(operator, node);
            }
            return new Injury(node.name(), "removed; a new member takes its place", () -> {
                try (claim) {
                    replace(scene, claim.node());
                    scene.awaitCaughtUp(claim.node());
                }
            });
        }));
    }
}

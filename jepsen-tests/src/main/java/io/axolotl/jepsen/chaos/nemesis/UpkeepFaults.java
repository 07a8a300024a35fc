package io.axolotl.jepsen.chaos.nemesis;

import com.google.gson.JsonObject;
import io.axolotl.client.AxolotlClient;
import io.axolotl.client.AxolotlException;
import io.axolotl.client.RefusedException;
import io.axolotl.client.StatusResult;
import io.axolotl.jepsen.chaos.History;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.environment.NodeClock;
import io.axolotl.jepsen.chaos.kv.Compaction;
import io.axolotl.jepsen.chaos.nemesis.Fault.Injury;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What clocks and operators do to a cluster that is well: nothing of it may be noticed. */
final class UpkeepFaults {
    /**
     * What is older is gone: nearer than workloads themselves compact, so that watches and reads of the past meet the edge. Judges read each
     * of these compactions in the history, and expect nothing of what is below.
     */
    private static final long KEPT_REVISIONS = 200;

    /** Number of a client that no workload has. */
    private static final int OPERATOR = 1_000_000;

    private UpkeepFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("clock-jump", List.of("C1"), UpkeepFaults::jump).needing(Ability.CLOCKS),
                Fault.of("clock-drift", List.of("C2"), UpkeepFaults::drift).needing(Ability.CLOCKS),
                Fault.of("clock-strobe", List.of("C3"), UpkeepFaults::strobe)
                        .needing(Ability.CLOCKS)
                        .lasting(0, 500),
                Fault.of("leader-transfer", List.of("C8"), UpkeepFaults::transfer)
                        .from(2)
                        .lasting(0, 500),
                Fault.of("snapshot-storm", List.of("O8"), UpkeepFaults::saveAndDefragment)
                        .lasting(0, 500),
                Fault.of("compaction-storm", List.of("A6"), UpkeepFaults::compact)
                        .lasting(0, 500));
    }

    private static Optional<Injury> jump(Scene scene, SplittableRandom chance) {
        int node = scene.oftenLeaderFirst(chance).get(0);
        long seconds = chance.nextLong(-3_600, 3_600);
        return withClock(scene, node, clock -> clock.jump(Duration.ofSeconds(seconds)), seconds + " s off");
    }

    private static Optional<Injury> drift(Scene scene, SplittableRandom chance) {
        int node = scene.oftenLeaderFirst(chance).get(0);
        double rate = chance.nextBoolean() ? 2 : 0.5;
        return withClock(scene, node, clock -> clock.drift(rate), rate + " times as fast, in steps");
    }

    private static Optional<Injury> withClock(
            Scene scene, int node, java.util.function.Consumer<NodeClock> change, String what) {
        return scene.environment().clock(node).map(clock -> {
            change.accept(clock);
            return new Injury(scene.name(node), "its wall clock is " + what, clock::setRight);
        });
    }

    private static Optional<Injury> strobe(Scene scene, SplittableRandom chance) {
        int node = scene.oftenLeaderFirst(chance).get(0);
        return scene.environment().clock(node).map(clock -> {
            long since = System.nanoTime();
            int times = 40 + chance.nextInt(40);
            for (int i = 0; i < times; i++) {
                clock.jump(Duration.ofSeconds(i % 2 == 0 ? 100 : -100));
                Scene.rest(50);
            }
            return new Injury(
                    scene.name(node),
                    "its wall clock goes back and forth by 200 s " + times + " times",
                    since,
                    clock::setRight);
        });
    }

    private static Optional<Injury> transfer(Scene scene, SplittableRandom chance) {
        long since = System.nanoTime();
        int times = 2 + chance.nextInt(4);
        int done = 0;
        try (AxolotlClient client = scene.client()) {
            for (int i = 0; i < times; i++) {
                if (handOver(scene, client, scene.shuffled(chance))) {
                    done++;
                }
                Scene.rest(200 + chance.nextInt(1_000));
            }
        }
        return done == 0
                ? Optional.empty()
                : Optional.of(new Injury("all", "leadership handed over " + done + " times", since, () -> {}));
    }

    private static boolean handOver(Scene scene, AxolotlClient client, List<Integer> order) {
        Optional<Integer> leader = scene.leader();
        Optional<StatusResult> heir = order.stream()
                .filter(number -> leader.isPresent() && !leader.get().equals(number))
                .flatMap(number -> scene.cluster().status(scene.node(number)).stream())
                .findFirst();
        if (heir.isEmpty()) {
            return false;
        }
        try {
            var unused = client.maintenance()
                    .moveLeader(heir.get().header().memberId())
                    .await();
            return true;
        } catch (AxolotlException e) {
            // Another fault was faster: there is nobody to hand over, or the heir is not fit for it.
            return false;
        }
    }

    private static Optional<Injury> saveAndDefragment(Scene scene, SplittableRandom chance) {
        long since = System.nanoTime();
        int saved = 0;
        int times = 2 + chance.nextInt(4);
        try (AxolotlClient client = scene.client()) {
            Path file = Files.createTempFile("axolotl-chaos-", ".db");
            try {
                for (int i = 0; i < times; i++) {
                    for (int number : scene.shuffled(chance)) {
                        saved += saveAndDefragment(client, scene.node(number).clientUrl(), file) ? 1 : 0;
                    }
                }
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the temporary folder", e);
        }
        return saved == 0
                ? Optional.empty()
                : Optional.of(new Injury("all", saved + " times saved and defragmented", since, () -> {}));
    }

    private static boolean saveAndDefragment(AxolotlClient client, String url, Path file) {
        try {
            var unusedSaved = client.maintenance().saveSnapshot(url, file);
            var unused = client.maintenance().defragment(url).await();
            return true;
        } catch (AxolotlException | IOException e) {
            // This member is down or cut off now.
            return false;
        }
    }

    private static Optional<Injury> compact(Scene scene, SplittableRandom chance) {
        long since = System.nanoTime();
        int done = 0;
        int times = 20 + chance.nextInt(20);
        try (AxolotlClient client = scene.client()) {
            for (int i = 0; i < times; i++) {
                done += compact(scene.history(), client) ? 1 : 0;
                Scene.rest(50 + chance.nextInt(100));
            }
        }
        return done == 0
                ? Optional.empty()
                : Optional.of(new Injury("all", done + " times compacted", since, () -> {}));
    }

    /** Written down as a client's call: who reads below it later has a reason to be refused. */
    private static boolean compact(History history, AxolotlClient client) {
        long revision;
        try {
            revision = client.kv().get("chaos-compaction").await().header().revision() - KEPT_REVISIONS;
        } catch (AxolotlException e) {
            // No leader now.
            return false;
        }
        if (revision <= 0) {
            return false;
        }
        long invoked = history.now();
        JsonObject output = new JsonObject();
        Outcome outcome = Outcome.DONE;
        String error = "";
        try {
            output.addProperty(
                    "revision", client.kv().compact(revision).await().header().revision());
        } catch (AxolotlException e) {
            outcome = e instanceof RefusedException ? Outcome.REFUSED : Outcome.UNKNOWN;
            error = e.code() + ": " + e.getMessage();
        }
        var unused = history.add(
                OPERATOR, -1, "compact", Compaction.toJson(revision), output, outcome, error, invoked, history.now());
        return outcome == Outcome.DONE;
    }
}

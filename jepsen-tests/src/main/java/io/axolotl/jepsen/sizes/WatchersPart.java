package io.axolotl.jepsen.sizes;

import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Many watchers on one member, and a steady rate of changes. */
final class WatchersPart {
    static final int CONNECTIONS = 10;
    static final Duration BOUND = Duration.ofMinutes(3);

    /** Who watches what. */
    enum Shape {
        OWN_KEY("a key each", "w1/", 1, 1),
        OWN_RANGE("a range of ten keys each", "w2/", 10, 1),
        SHARED_KEY("ten on each key", "w3/", 1, 10);

        final String title;
        private final String prefix;
        private final int keysPerWatcher;
        private final int watchersPerKey;

        Shape(String title, String prefix, int keysPerWatcher, int watchersPerKey) {
            this.title = title;
            this.prefix = prefix;
            this.keysPerWatcher = keysPerWatcher;
            this.watchersPerKey = watchersPerKey;
        }

        private WatchedKeys keys(int watchers) {
            return new WatchedKeys(prefix, keysPerWatcher * ((watchers + watchersPerKey - 1) / watchersPerKey));
        }

        private List<Witness> witnesses(int watchers) {
            WatchedKeys keys = keys(watchers);
            List<Witness> witnesses = new ArrayList<>();
            for (int watcher = 0; watcher < watchers; watcher++) {
                witnesses.add(new Witness(
                        keys, watcher / watchersPerKey * keysPerWatcher, keysPerWatcher, new long[keys.count()]));
            }
            return witnesses;
        }
    }

    /**
     * What was found for one shape. Immutable.
     *
     * @param openSeconds until all watchers were made
     * @param watchersBytes by how much the member's resident memory had grown then
     */
    record Result(
            Target system,
            Shape shape,
            int watchers,
            double openSeconds,
            long watchersBytes,
            Phase phase,
            Witness.Verdict verdict,
            List<String> faults) {}

    private WatchersPart() {}

    static List<Result> run(Target system, SizesPlan plan, Consumer<String> progress) {
        List<Result> results = new ArrayList<>();
        try (Subject subject = Subject.start(system, plan, Optional.empty())) {
            for (Shape shape : Shape.values()) {
                Result result = watch(subject, shape, plan);
                results.add(result);
                progress.accept(String.format(
                        Locale.ROOT,
                        "%s watchers, %s: p99 %.1f ms to an event, %.1f ms to an acknowledgement; %s",
                        Text.count(result.watchers),
                        shape.title,
                        result.phase.eventP99(),
                        result.phase.ackP99(),
                        result.verdict));
            }
        }
        return results;
    }

    private static Result watch(Subject subject, Shape shape, SizesPlan plan) {
        WatchedKeys keys = shape.keys(plan.watchers());
        List<ManagedChannel> channels = subject.channels(Math.min(plan.streams(), CONNECTIONS));
        Pulse pulse = new Pulse(subject.channels(1), keys, plan.valueBytes(), plan.ratePerSecond());
        long before = subject.use().residentBytes();
        try (Fleet fleet = new Fleet(channels, shape.witnesses(plan.watchers()), plan.streams(), true)) {
            long start = System.nanoTime();
            fleet.open(BOUND);
            double openSeconds = (System.nanoTime() - start) / 1e9;
            long watchersBytes = subject.use().residentBytes() - before;
            Pulse.Result unused = pulse.run(plan.warmUpSeconds(), false);
            Witness.Verdict settled = fleet.settle(keys.versions(subject.kv()), BOUND);
            Phase phase = Phase.run(
                    subject, pulse, plan.seconds(), fleet, () -> fleet.settle(keys.versions(subject.kv()), BOUND));
            Witness.Verdict verdict = fleet.settle(keys.versions(subject.kv()), BOUND);
            List<String> faults = new ArrayList<>(fleet.ends());
            if (!verdict.isClean() || !settled.isClean()) {
                faults.add(shape.title + ": " + verdict);
            }
            return new Result(
                    subject.system(), shape, plan.watchers(), openSeconds, watchersBytes, phase, verdict, faults);
        }
    }
}

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

/**
 * Watchers that do not read beside others that do, on the same ranges: do they hold the others up, do they cost memory, and do they get
 * everything once they read?
 */
final class SlowPart {
    private static final int GROUPS = 10;
    private static final int KEYS_PER_GROUP = 100;
    private static final Duration BOUND = Duration.ofMinutes(10);

    /**
     * What was found. Immutable.
     *
     * @param alone the fast ones before there were others
     * @param beside the fast ones while the others do not read
     * @param catchingUp the fast ones from when the others begin to read
     * @param catchUpSeconds from then on until the slow ones had everything
     * @param slowVerdict of what the slow ones saw
     */
    record Result(
            Target system,
            int fast,
            int slow,
            Phase alone,
            Phase beside,
            Phase catchingUp,
            double catchUpSeconds,
            Witness.Verdict fastVerdict,
            Witness.Verdict slowVerdict,
            List<String> faults) {}

    private SlowPart() {}

    static Result run(Target system, SizesPlan plan, Consumer<String> progress) {
        WatchedKeys keys = new WatchedKeys("s/", GROUPS * KEYS_PER_GROUP);
        try (Subject subject = Subject.start(system, plan, Optional.empty())) {
            Pulse pulse = new Pulse(subject.channels(1), keys, plan.valueBytes(), plan.ratePerSecond());
            try (Fleet fast = fleet(subject, keys, plan.fast(), true)) {
                fast.open(BOUND);
                Runnable fastHaveAll = () -> fast.settle(keys.versions(subject.kv()), BOUND);
                Pulse.Result unused = pulse.run(plan.warmUpSeconds(), false);
                fastHaveAll.run();
                Phase alone = Phase.run(subject, pulse, plan.seconds(), fast, fastHaveAll);
                progress.accept(line(plan.fast() + " fast watchers alone", alone));
                // Nothing is written meanwhile: what has not been said of a stream that is full would not arrive.
                try (Fleet slow = fleet(subject, keys, plan.slow(), false)) {
                    slow.open(BOUND);
                    Phase beside = Phase.run(subject, pulse, plan.seconds(), fast, fastHaveAll);
                    progress.accept(line("beside " + plan.slow() + " that do not read", beside));
                    long start = System.nanoTime();
                    slow.read();
                    Phase catchingUp = Phase.run(subject, pulse, plan.seconds(), fast, fastHaveAll);
                    progress.accept(line("while those catch up", catchingUp));
                    long[] versions = keys.versions(subject.kv());
                    Witness.Verdict slowVerdict = slow.settle(versions, BOUND);
                    double catchUpSeconds = (System.nanoTime() - start) / 1e9;
                    Witness.Verdict fastVerdict = fast.settle(versions, BOUND);
                    progress.accept("slow ones after " + Text.count((long) catchUpSeconds) + " s: " + slowVerdict);
                    List<String> faults = new ArrayList<>(fast.ends());
                    faults.addAll(slow.ends());
                    if (!fastVerdict.isClean()) {
                        faults.add("fast watchers: " + fastVerdict);
                    }
                    if (!slowVerdict.isClean()) {
                        faults.add("slow watchers: " + slowVerdict);
                    }
                    return new Result(
                            system,
                            plan.fast(),
                            plan.slow(),
                            alone,
                            beside,
                            catchingUp,
                            catchUpSeconds,
                            fastVerdict,
                            slowVerdict,
                            faults);
                }
            }
        }
    }

    private static String line(String what, Phase phase) {
        return String.format(
                Locale.ROOT,
                "%s: p99 %.1f ms to an event; the member grew by %s",
                what,
                phase.eventP99(),
                Text.bytes(phase.peak().growthBytes()));
    }

    /** Each on a stream of its own. */
    private static Fleet fleet(Subject subject, WatchedKeys keys, int watchers, boolean isReading) {
        long[] before = keys.versions(subject.kv());
        List<Witness> witnesses = new ArrayList<>();
        for (int watcher = 0; watcher < watchers; watcher++) {
            witnesses.add(new Witness(keys, watcher % GROUPS * KEYS_PER_GROUP, KEYS_PER_GROUP, before));
        }
        List<ManagedChannel> channels = subject.channels(Math.min(watchers, WatchersPart.CONNECTIONS));
        return new Fleet(channels, witnesses, watchers, isReading);
    }
}

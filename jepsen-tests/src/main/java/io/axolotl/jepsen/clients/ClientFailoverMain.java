package io.axolotl.jepsen.clients;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.DataFolder;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code axolotl client-failover}. */
@Command(
        name = "axolotl client-failover",
        description = {
            "Lets a client put a key every so often while the leader of three servers is killed, again and again, and measures how",
            "long each put took, from when it was due: the Java client on Axolotl, and jetcd on etcd (if installed). Prints the",
            "times of all puts, and of the longest one of each kill, as a Markdown table."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClientFailoverMain implements Callable<Integer> {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final long SECOND = 1_000_000_000L;

    /** A library, and the servers that it calls. */
    private record Pair(Library library, Target target) {
        static Pair parse(String text) {
            String[] parts = text.toUpperCase(Locale.ROOT).replace('-', '_').split("@", -1);
            try {
                return new Pair(Library.valueOf(parts[0]), Target.valueOf(parts[1]));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new CommandLine.TypeConversionException(
                        "'" + text + "' is not of the form LIBRARY@SYSTEM, such as axolotl@axolotl or jetcd@etcd");
            }
        }
    }

    @Option(
            names = "--pairs",
            split = ",",
            paramLabel = "LIBRARY@SYSTEM",
            defaultValue = "axolotl@axolotl,jetcd@etcd",
            description =
                    "libraries are axolotl, axolotl-sent-once and jetcd, systems axolotl and etcd (default ${DEFAULT-VALUE})")
    private List<Pair> pairs = List.of();

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "50",
            description = "how often the leader of each is killed (default ${DEFAULT-VALUE})")
    private int kills;

    @Option(
            names = "--period-millis",
            paramLabel = "MS",
            defaultValue = "10",
            description = "a put is due so often (default ${DEFAULT-VALUE})")
    private int periodMillis;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "before the first kill, not measured (default ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Mixin
    private DataFolder dataFolder = new DataFolder();

    private final List<String> rows = new ArrayList<>();
    private final SplittableRandom chance = new SplittableRandom();

    public static void main(String[] args) {
        System.exit(new CommandLine(new ClientFailoverMain())
                .registerConverter(Pair.class, Pair::parse)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The measurement could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        for (Pair pair : pairs) {
            if (pair.target.isInstalled()) {
                measure(pair);
            } else {
                System.err.println("Skipped: " + name(pair.target) + " is not installed");
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%nA put every %d ms; %d processors. Longest: of each kill, median / p90 / worst.%n%n",
                periodMillis,
                Runtime.getRuntime().availableProcessors());
        System.out.println(
                "| client | servers | kills | puts | failed | p50 | p99 | worst | longest of each kill, ms |");
        System.out.println("|---|---|---:|---:|---:|---:|---:|---:|---|");
        rows.forEach(System.out::println);
        return 0;
    }

    private static String name(Target target) {
        return target.name().toLowerCase(Locale.ROOT);
    }

    private void measure(Pair pair) {
        ProcessCluster.Builder builder = ProcessCluster.of(pair.target);
        dataFolder.use(builder);
        try (ProcessCluster cluster = builder.build()) {
            cluster.start(BOUND);
            try (ClientFace face = ClientFace.open(pair.library, cluster.endpoints())) {
                try (CallMeter warmUp = meter(face)) {
                    warmUp.start();
                    rest((long) (warmUpSeconds * SECOND));
                }
                try (CallMeter meter = meter(face)) {
                    meter.start();
                    List<Double> longest = killAll(pair, cluster, meter);
                    meter.stop();
                    Await.fact("the last puts to end", BOUND, meter::isQuiet);
                    rows.add(String.format(
                            Locale.ROOT,
                            "| %s | %s | %d | %s | %s | %s | %s | %s | %s |",
                            pair.library.title,
                            name(pair.target),
                            longest.size(),
                            Text.count(meter.done() + meter.failed()),
                            meter.failed() == 0 ? "0" : Text.count(meter.failed()) + " " + meter.failures(),
                            Text.duration(meter.nanosAt(50)),
                            Text.duration(meter.nanosAt(99)),
                            Text.duration(meter.worstNanos()),
                            longest.isEmpty() ? "-" : Text.spread(longest)));
                }
            }
        }
    }

    private CallMeter meter(ClientFace face) {
        return new CallMeter(() -> face.put("client-failover", "x"), periodMillis * 1_000_000L);
    }

    private List<Double> killAll(Pair pair, ProcessCluster cluster, CallMeter meter) {
        List<Double> longest = new ArrayList<>();
        for (int kill = 1; kill <= kills; kill++) {
            ServerProcess leader = cluster.awaitLeader(BOUND);
            rest(SECOND + chance.nextLong(SECOND));
            long unused = meter.takeWorstNanos();
            long failedBefore = meter.failed();
            leader.kill();
            ServerProcess heir = cluster.awaitLeaderOtherThan(leader, BOUND);
            long served = meter.done() + 100;
            Await.fact("the client to be served by " + heir, BOUND, () -> meter.done() >= served);
            rest(SECOND);
            double millis = meter.takeWorstNanos() / 1e6;
            longest.add(millis);
            System.err.printf(
                    Locale.ROOT,
                    "%s on %s, %d/%d: the longest put took %.0f ms, %d failed%n",
                    pair.library.title,
                    name(pair.target),
                    kill,
                    kills,
                    millis,
                    meter.failed() - failedBefore);
            leader.startAndAwaitHealthy(BOUND);
            cluster.awaitCaughtUp(leader, BOUND);
        }
        return longest;
    }

    private static void rest(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}

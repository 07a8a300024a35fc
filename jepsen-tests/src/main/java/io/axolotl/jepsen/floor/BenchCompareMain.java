package io.axolotl.jepsen.floor;

import io.axolotl.jepsen.process.DataFolder;
import io.axolotl.jepsen.process.Part;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code axolotl bench-compare}. */
@Command(
        name = "axolotl bench-compare",
        description = {
            "Puts the same load on three nodes of etcd, on three of Axolotl and on a bare gRPC server that answers a constant,",
            "in turn and repeated, all on this machine and this disk, and prints the medians as a Markdown table.",
            "etcd is left out where it is not installed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class BenchCompareMain implements Callable<Integer> {
    private static final Duration START_BOUND = Duration.ofSeconds(60);
    private static final int MOST_CONNECTIONS = 6;
    private static final int WARM_START_CLIENTS = 100;

    @Option(
            names = "--repeats",
            defaultValue = "3",
            description = "how often each system is measured (default ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description = "measured time of one run (default ${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--warmup-seconds", defaultValue = "4", description = "load before it (default ${DEFAULT-VALUE})")
    private double warmupSeconds;

    @Option(
            names = "--warm-start-seconds",
            defaultValue = "10",
            description =
                    "load of 100 clients for each operation right after a system was started, not measured: servers are"
                            + " compared that have run for a while (default ${DEFAULT-VALUE})")
    private double warmStartSeconds;

    @Option(names = "--clients", split = ",", defaultValue = "1,100,1000", description = "default ${DEFAULT-VALUE}")
    private List<Integer> clients = List.of();

    @Option(names = "--ops", split = ",", defaultValue = "put,get", description = "default ${DEFAULT-VALUE}")
    private List<String> operations = List.of();

    @Option(
            names = "--systems",
            split = ",",
            defaultValue = "ETCD,AXOLOTL,FLOOR",
            description = "default ${DEFAULT-VALUE}")
    private List<Contestant> systems = List.of();

    @Mixin
    private DataFolder dataFolder = new DataFolder();

    /** A row of the table. */
    private record Cell(String operation, int clients) {}

    private final Map<Cell, Map<Contestant, List<Measurement>>> results = new LinkedHashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCompareMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The comparison could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        List<Contestant> present =
                systems.stream().filter(system -> system.target.isInstalled()).toList();
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (Contestant system : present) {
                measure(system, repeat);
            }
        }
        System.out.print(table(present));
        return 0;
    }

    private void measure(Contestant system, int repeat) {
        ProcessCluster.Builder builder = ProcessCluster.of(system.target).size(system.nodes);
        dataFolder.use(builder);
        try (ProcessCluster cluster = builder.build()) {
            if (system == Contestant.FLOOR) {
                cluster.nodes().forEach(ServerProcess::start);
                cluster.nodes().forEach(node -> node.awaitPort(START_BOUND));
            } else {
                cluster.start(START_BOUND);
            }
            for (String operation : operations) {
                Measurement unused = bench(cluster, operation, WARM_START_CLIENTS, warmStartSeconds);
            }
            for (String operation : operations) {
                for (int count : clients) {
                    Measurement measured = bench(cluster, operation, count, seconds);
                    System.err.printf(
                            Locale.ROOT,
                            "%d/%d %-9s %s x %d: %.0f/s, p99 %.2f ms, %.1f us of server CPU per operation%n",
                            repeat,
                            repeats,
                            system.title,
                            operation,
                            count,
                            measured.perSecond(),
                            measured.p99Millis(),
                            measured.serverMicros());
                    results.computeIfAbsent(new Cell(operation, count), cell -> new EnumMap<>(Contestant.class))
                            .computeIfAbsent(system, any -> new ArrayList<>())
                            .add(measured);
                }
            }
        }
    }

    private Measurement bench(ProcessCluster cluster, String operation, int count, double measuredSeconds) {
        return Measurement.ofBench(Part.output(
                "the bench",
                "io.axolotl.client.bench.BenchMain",
                List.of(
                        "--endpoints=" + cluster.endpointsFlag(),
                        "--op=" + operation,
                        "--clients=" + count,
                        "--connections=" + Math.min(count, MOST_CONNECTIONS),
                        "--seconds=" + measuredSeconds,
                        "--warmup-seconds=" + warmupSeconds,
                        "--server-pids="
                                + cluster.nodes().stream()
                                        .map(node -> Long.toString(node.pid()))
                                        .collect(Collectors.joining(",")),
                        "-w=json")));
    }

    private String table(List<Contestant> present) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nMedians of %d runs of %.0f s after %.0f s of warm-up; values of 256 B; %d processors.%n%n",
                repeats,
                seconds,
                warmupSeconds,
                Runtime.getRuntime().availableProcessors()));
        text.append(
                "| op | clients | system | op/s | p50 ms | p99 ms | server CPU us/op | errors | op/s : etcd | CPU : etcd |\n");
        text.append("|---|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
        results.forEach((cell, bySystem) -> {
            Measurement etcd = bySystem.containsKey(Contestant.ETCD)
                    ? Measurement.median(bySystem.getOrDefault(Contestant.ETCD, List.of()))
                    : null;
            for (Contestant system : present) {
                Measurement median = Measurement.median(bySystem.getOrDefault(system, List.of()));
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %d | %s | %.0f | %.2f | %.2f | %.1f | %d | %s | %s |%n",
                        cell.operation,
                        cell.clients,
                        system.title,
                        median.perSecond(),
                        median.p50Millis(),
                        median.p99Millis(),
                        median.serverMicros(),
                        median.errors(),
                        ratio(etcd == null ? 0 : median.perSecond() / etcd.perSecond()),
                        ratio(etcd == null ? 0 : median.serverMicros() / etcd.serverMicros())));
            }
        });
        return text.toString();
    }

    private static String ratio(double value) {
        return value == 0 ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }
}

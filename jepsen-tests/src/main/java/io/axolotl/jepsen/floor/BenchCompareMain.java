package io.axolotl.jepsen.floor;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.ServerJvm;
import io.axolotl.jepsen.process.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description =
                    "where the servers keep their data; each run in a folder of its own that is removed. A temporary"
                            + " folder by default: see that it is on a real disk")
    private @Nullable Path dataFolder;

    /** A row of the table. */
    private record Cell(String operation, int clients) {}

    private final Map<Cell, Map<Contestant, List<Measurement>>> results = new LinkedHashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCompareMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
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
        if (dataFolder != null) {
            builder.root(dataFolder.resolve(system + "-" + repeat).toAbsolutePath());
        }
        try (ProcessCluster cluster = builder.build()) {
            if (system == Contestant.FLOOR) {
                cluster.nodes().forEach(ServerProcess::start);
                cluster.nodes().forEach(node -> node.awaitPort(START_BOUND));
            } else {
                cluster.start(START_BOUND);
            }
            for (String operation : operations) {
                for (int count : clients) {
                    Measurement measured = bench(cluster, operation, count);
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
        if (dataFolder != null) {
            ProcessCluster.delete(dataFolder.resolve(system + "-" + repeat));
        }
    }

    private Measurement bench(ProcessCluster cluster, String operation, int count) {
        List<String> command = new ArrayList<>(ServerJvm.command("io.axolotl.client.bench.BenchMain"));
        command.addAll(List.of(
                "--endpoints=" + cluster.endpointsFlag(),
                "--op=" + operation,
                "--clients=" + count,
                "--connections=" + Math.min(count, MOST_CONNECTIONS),
                "--seconds=" + seconds,
                "--warmup-seconds=" + warmupSeconds,
                "--server-pids="
                        + cluster.nodes().stream()
                                .map(node -> Long.toString(node.pid()))
                                .collect(Collectors.joining(",")),
                "-w=json"));
        try {
            Process bench = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String json = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (bench.waitFor() != 0) {
                throw new Await.TooLateException("the bench failed; see its message above");
            }
            return Measurement.ofBench(json);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run the bench", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Await.TooLateException("interrupted while the bench was running");
        }
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

package io.axolotl.jepsen.clients;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.axolotl.client.AxolotlClient;
import io.axolotl.jepsen.process.DataFolder;
import io.axolotl.jepsen.process.Part;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import io.axolotl.jepsen.process.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code axolotl client-compare}. */
@Command(
        name = "axolotl client-compare",
        description = {
            "Lets the Java client and jetcd, each in a process of its own and with the settings that it has by itself, do the same",
            "on the same servers, in turn and repeated, and prints throughput and the client's processor time per operation, or",
            "per event of a watch, as a Markdown table of medians."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClientCompareMain implements Callable<Integer> {
    private static final Duration START_BOUND = Duration.ofMinutes(2);
    private static final int WATCHES = 10;

    @Option(
            names = "--libraries",
            split = ",",
            paramLabel = "LIBRARY",
            defaultValue = "AXOLOTL,AXOLOTL_SENT_ONCE,JETCD",
            description = "default ${DEFAULT-VALUE}")
    private List<Library> libraries = List.of();

    @Option(
            names = "--ops",
            split = ",",
            paramLabel = "OP",
            defaultValue = "PUT,GET,TXN,WATCH",
            description = "default ${DEFAULT-VALUE}")
    private List<ClientLoadMain.Operation> operations = List.of();

    @Option(
            names = "--in-flight",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,100",
            description = "calls in flight (default ${DEFAULT-VALUE})")
    private List<Integer> widths = List.of();

    @Option(
            names = "--system",
            paramLabel = "SYSTEM",
            defaultValue = "AXOLOTL",
            description = "default ${DEFAULT-VALUE}")
    private Target system = Target.AXOLOTL;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "1", description = "servers (default ${DEFAULT-VALUE})")
    private int nodes;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "3",
            description = "how often each is measured (default ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "8",
            description = "measured time of one run (default ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            defaultValue = "4",
            description = "of each process, before it (default ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(
            names = "--watched-rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "puts per second that " + WATCHES + " watches hear (default ${DEFAULT-VALUE})")
    private int watchedRate;

    @Mixin
    private DataFolder dataFolder = new DataFolder();

    /** @param width calls in flight, or watches */
    private record Cell(ClientLoadMain.Operation operation, int width) {}

    /** What one process found. */
    private record Found(double perSecond, double cpuMicros, long failed) {}

    private final Map<Cell, Map<Library, List<Found>>> results = new LinkedHashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new ClientCompareMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The comparison could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    @Override
    public Integer call() {
        ProcessCluster.Builder builder = ProcessCluster.of(system).size(nodes);
        dataFolder.use(builder);
        try (ProcessCluster cluster = builder.build();
                AxolotlClient client = AxolotlClient.builder()
                        .endpoints(cluster.endpoints())
                        .requestTimeout(START_BOUND)
                        .build()) {
            cluster.start(START_BOUND);
            for (int key = 0; key < ClientLoadMain.KEYS; key++) {
                var unused = client.kv()
                        .put(ClientLoadMain.PREFIX + key, ClientLoadMain.VALUE)
                        .await();
            }
            for (int repeat = 1; repeat <= repeats; repeat++) {
                measureAll(cluster, client, repeat);
            }
        }
        System.out.print(table());
        return 0;
    }

    private void measureAll(ProcessCluster cluster, AxolotlClient client, int repeat) {
        for (ClientLoadMain.Operation operation : operations) {
            boolean isWatch = operation == ClientLoadMain.Operation.WATCH;
            for (int width : isWatch ? List.of(WATCHES) : widths) {
                for (Library library : libraries) {
                    if (isWatch && library == Library.AXOLOTL_SENT_ONCE) {
                        continue;
                    }
                    Found found = isWatch
                            ? whilePutting(client, () -> measure(cluster, operation, width, library))
                            : measure(cluster, operation, width, library);
                    System.err.printf(
                            Locale.ROOT,
                            "%d/%d %s, %s x %d: %.0f/s, %.1f us of client CPU each, %d failed%n",
                            repeat,
                            repeats,
                            library.title,
                            name(operation),
                            width,
                            found.perSecond,
                            found.cpuMicros,
                            found.failed);
                    results.computeIfAbsent(new Cell(operation, width), cell -> new EnumMap<>(Library.class))
                            .computeIfAbsent(library, any -> new ArrayList<>())
                            .add(found);
                }
            }
        }
    }

    private Found whilePutting(AxolotlClient client, Supplier<Found> measurement) {
        String key = ClientLoadMain.PREFIX + "watched";
        try (CallMeter writer =
                new CallMeter(() -> client.kv().put(key, ClientLoadMain.VALUE), 1_000_000_000L / watchedRate)) {
            writer.start();
            return measurement.get();
        }
    }

    private Found measure(ProcessCluster cluster, ClientLoadMain.Operation operation, int width, Library library) {
        String output = Part.output(
                "the client",
                ClientLoadMain.class.getName(),
                List.of(
                        "--library=" + library,
                        "--endpoints=" + cluster.endpointsFlag(),
                        "--op=" + operation,
                        "--width=" + width,
                        "--seconds=" + seconds,
                        "--warm-up-seconds=" + warmUpSeconds));
        // Before it come the words of whoever logs.
        String line = output.strip().lines().reduce("", (before, last) -> last);
        JsonObject report = JsonParser.parseString(line).getAsJsonObject();
        return new Found(
                report.get("perSecond").getAsDouble(),
                report.get("cpuMicros").getAsDouble(),
                report.get("failed").getAsLong());
    }

    private static String name(ClientLoadMain.Operation operation) {
        return operation.name().toLowerCase(Locale.ROOT);
    }

    private String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nMedians of %d runs of %.0f s; %s, %s; values of 256 B; %d processors.%n%n",
                repeats,
                seconds,
                system.name().toLowerCase(Locale.ROOT),
                Text.count(nodes, "node", "nodes"),
                Runtime.getRuntime().availableProcessors()));
        text.append("| op | in flight, or watches | client | op/s, or events/s | client CPU us each | failed |\n");
        text.append("|---|---:|---|---:|---:|---:|\n");
        results.forEach((cell, byLibrary) -> byLibrary.forEach((library, runs) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %d | %s | %.0f | %.1f | %d |%n",
                name(cell.operation),
                cell.width,
                library.title,
                median(runs, Found::perSecond),
                median(runs, Found::cpuMicros),
                runs.stream().mapToLong(Found::failed).sum()))));
        return text.toString();
    }

    private static double median(List<Found> runs, ToDoubleFunction<Found> figure) {
        return Text.percentile(
                runs.stream().mapToDouble(figure).sorted().boxed().toList(), 0.5);
    }
}

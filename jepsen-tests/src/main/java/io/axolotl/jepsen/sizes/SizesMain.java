package io.axolotl.jepsen.sizes;

import io.axolotl.client.transport.NettyTransport;
import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.Children;
import io.axolotl.jepsen.process.ProcessCluster;
import io.axolotl.jepsen.process.Target;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code axolotl sizes}. Exits with 0 if all was as it must be, 2 if something was lost or doubled, 1 if some of it could not be measured. */
@Command(
        name = "axolotl sizes",
        description = {
            "Starts Axolotl and etcd (if installed) in turn on this machine and measures what large sizes cost: millions of keys (keys),",
            "a range over very many of them (stream), thousands of watchers (watchers), and watchers that do not read beside others",
            "that do (slow). Exits with 2 if a key is lost or wrong, or a watcher missed an event or got one twice or out of order."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class SizesMain implements Callable<Integer> {
    /** What can be measured. */
    enum Part {
        KEYS,
        STREAM,
        WATCHERS,
        SLOW;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            defaultValue = "keys,stream,watchers,slow",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE})")
    private List<Part> parts = List.of();

    @Option(
            names = "--systems",
            split = ",",
            paramLabel = "SYSTEM",
            defaultValue = "ETCD,AXOLOTL",
            description = "default ${DEFAULT-VALUE}")
    private List<Target> systems = List.of();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "members of a cluster; all clients talk to its leader (default ${DEFAULT-VALUE})")
    private int nodes;

    @Option(names = "--value-bytes", paramLabel = "B", defaultValue = "256", description = "default ${DEFAULT-VALUE}")
    private int valueBytes;

    @Option(names = "--keys", paramLabel = "N", defaultValue = "5000000", description = "default ${DEFAULT-VALUE}")
    private long keys;

    @Option(
            names = "--step",
            paramLabel = "N",
            defaultValue = "500000",
            description = "keys between two looks at the memory (default ${DEFAULT-VALUE})")
    private long step;

    @Option(
            names = "--puts-per-txn",
            paramLabel = "N",
            defaultValue = "100",
            description = "how keys are written (default ${DEFAULT-VALUE})")
    private int putsPerTxn;

    @Option(
            names = "--reads",
            paramLabel = "N",
            defaultValue = "200000",
            description = "single keys read at the end, at random (default ${DEFAULT-VALUE})")
    private int reads;

    @Option(
            names = "--stream-keys",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "keys of the long range (default ${DEFAULT-VALUE})")
    private long streamKeys;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            defaultValue = "256m",
            description = "heap of the Axolotl server that reads it (default ${DEFAULT-VALUE})")
    private String heap = "256m";

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "3",
            description = "how often it is read in each way (default ${DEFAULT-VALUE})")
    private int repeats;

    @Option(names = "--watchers", paramLabel = "N", defaultValue = "10000", description = "default ${DEFAULT-VALUE}")
    private int watchers;

    @Option(
            names = "--streams",
            paramLabel = "N",
            defaultValue = "100",
            description = "that the watchers are spread over (default ${DEFAULT-VALUE})")
    private int streams;

    @Option(
            names = "--events-per-second",
            paramLabel = "N",
            defaultValue = "1000",
            description = "changes, at a steady rate whether the server keeps up or not (default ${DEFAULT-VALUE})")
    private int ratePerSecond;

    @Option(
            names = "--slow",
            paramLabel = "N",
            defaultValue = "1000",
            description = "watchers that do not read (default ${DEFAULT-VALUE})")
    private int slow;

    @Option(
            names = "--fast",
            paramLabel = "N",
            defaultValue = "100",
            description = "watchers beside them that do (default ${DEFAULT-VALUE})")
    private int fast;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "that watchers are measured (default ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "of the same load before it (default ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(
            names = "--report-dir",
            paramLabel = "FOLDER",
            defaultValue = "axolotl-sizes-report",
            description =
                    "where report.md and report.json go; the servers' data is in it while they run, so it must be on a real disk"
                            + " (default ${DEFAULT-VALUE})")
    private Path reportFolder = Path.of("axolotl-sizes-report");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] args) {
        NettyTransport.quietLogs();
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new SizesMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The measurement could not go on: " + failure.getMessage());
                    return 1;
                });
    }

    @Override
    public Integer call() {
        SizesPlan plan = plan();
        Children.afterKilling(() -> ProcessCluster.delete(plan.data()));
        SizesReport report = new SizesReport(plan);
        boolean isWhole = true;
        for (Part part : parts) {
            for (Target system : systems) {
                if (!system.isInstalled()) {
                    report.skip(part + " of " + Subject.name(system) + ": it is not installed");
                    continue;
                }
                try {
                    measure(part, system, plan, report);
                } catch (Await.TooLateException | IllegalStateException | StatusRuntimeException e) {
                    isWhole = false;
                    String why = part + " of " + Subject.name(system) + ": " + e.getMessage();
                    report.skip(why.lines().findFirst().orElse(why));
                    System.err.println("Given up: " + why);
                }
                // After every part: what was measured is kept, whatever comes.
                report.write(reportFolder);
            }
        }
        System.out.print(report.markdown());
        System.out.println("\nReport: " + reportFolder.resolve("report.md") + " and report.json");
        return !report.faults().isEmpty() ? 2 : isWhole ? 0 : 1;
    }

    private static void measure(Part part, Target system, SizesPlan plan, SizesReport report) {
        Consumer<String> progress = line -> System.err.println(part + " of " + Subject.name(system) + ": " + line);
        switch (part) {
            case KEYS -> report.add(KeysPart.run(system, plan, progress));
            case STREAM -> report.addStream(StreamPart.run(system, plan, progress));
            case WATCHERS -> report.addWatchers(WatchersPart.run(system, plan, progress));
            case SLOW -> report.add(SlowPart.run(system, plan, progress));
        }
    }

    private SizesPlan plan() {
        if (systems.contains(Target.FLOOR)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--systems has FLOOR, which keeps nothing; choose of AXOLOTL and ETCD");
        }
        try {
            return new SizesPlan(
                    reportFolder
                            .resolve("servers-" + ProcessHandle.current().pid())
                            .toAbsolutePath(),
                    nodes,
                    keys,
                    step,
                    valueBytes,
                    putsPerTxn,
                    reads,
                    streamKeys,
                    repeats,
                    heap,
                    watchers,
                    streams,
                    ratePerSecond,
                    seconds,
                    warmUpSeconds,
                    slow,
                    fast);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}

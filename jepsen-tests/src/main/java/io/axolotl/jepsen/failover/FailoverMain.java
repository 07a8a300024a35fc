package io.axolotl.jepsen.failover;

import io.axolotl.jepsen.process.Await;
import io.axolotl.jepsen.process.DataFolder;
import io.axolotl.jepsen.process.NodeNetwork;
import io.axolotl.jepsen.process.OwnNetwork;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code axolotl failover}. Exits with 0 if nothing was lost or stale, 2 if something was, 1 if the campaign could not be run.
 *
 * <p>Runs itself again inside an {@link OwnNetwork} where that is possible; else on loopback, without the faults that need a network
 * of their own.
 */
@Command(
        name = "axolotl failover",
        description = {
            "Starts three servers on this machine, keeps writing and reading through all of them, hurts the leader, and measures how long",
            "nobody was served; again and again, on Axolotl and on etcd (if installed) alike. All acknowledged writes are looked for",
            "at the end. Exits with 2 if one is lost or applied twice, or a read was stale.",
            "",
            "Cutting a node off needs Linux network namespaces (root, or a kernel that gives them to everybody); slowing a disk",
            "down needs strace. What is missing is said, and those faults are skipped."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class FailoverMain implements Callable<Integer> {
    private static final int NOTHING_MEASURED = 1;

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "FAULT",
            defaultValue = "none,kill,pause,cut,stop,watched,sync-500,sync-2000",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE})")
    private List<LeaderFault> faults = List.of();

    @Option(
            names = "--systems",
            split = ",",
            paramLabel = "SYSTEM",
            defaultValue = "ETCD,AXOLOTL",
            description = "default ${DEFAULT-VALUE}")
    private List<Target> systems = List.of();

    @Option(
            names = "--timeouts",
            split = ",",
            paramLabel = "HEARTBEAT/ELECTION",
            defaultValue = "100/1000,30/300",
            description = "in ms (default ${DEFAULT-VALUE})")
    private List<String> timeouts = List.of();

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "30",
            description = "how often each fault hits each system (default ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--hold-seconds",
            paramLabel = "S",
            defaultValue = "5",
            description = "how long a pause, a cut and a slow disk last (default ${DEFAULT-VALUE})")
    private double holdSeconds;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "load on a new cluster before its first fault (default ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(
            names = "--report-dir",
            paramLabel = "FOLDER",
            defaultValue = "axolotl-failover-report",
            description =
                    "where report.md and report.json go; the servers' data is in it while they run, so it must be on a real disk"
                            + " (default ${DEFAULT-VALUE})")
    private Path reportFolder = Path.of("axolotl-failover-report");

    @Mixin
    private OwnNetwork ownNetwork = new OwnNetwork();

    private List<String> words = List.of();

    public static void main(String[] args) {
        FailoverMain main = new FailoverMain();
        main.words = List.of(args);
        System.exit(new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(LeaderFault.class, FailoverMain::fault)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("The campaign could not go on: " + failure.getMessage());
                    return 1;
                })
                .execute(args));
    }

    private static LeaderFault fault(String word) {
        return EnumSet.allOf(LeaderFault.class).stream()
                .filter(fault -> fault.toString().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new CommandLine.TypeConversionException("'" + word + "' is none of "
                        + EnumSet.allOf(LeaderFault.class).toString().replaceAll("[\\[\\]]", "")));
    }

    @Override
    public Integer call() {
        Optional<Integer> exit = ownNetwork.enter(FailoverMain.class, words);
        if (exit.isPresent()) {
            return exit.get();
        }
        return campaign(DataFolder.freshIn(reportFolder));
    }

    private int campaign(Path data) {
        List<SeriesResult> results = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        List<LeaderFault> possible = new ArrayList<>();
        for (LeaderFault fault : faults) {
            Optional<String> obstacle = fault.obstacle(ownNetwork.isEnclosed());
            obstacle.ifPresentOrElse(reason -> skipped.add(fault.title + ": " + reason), () -> possible.add(fault));
        }
        List<Target> present = new ArrayList<>();
        for (Target system : systems) {
            if (system.isInstalled()) {
                present.add(system);
            } else {
                skipped.add(FailoverReport.system(system) + ": it is not installed");
            }
        }
        skipped.forEach(reason -> System.err.println("Skipped: " + reason));
        FailoverReport report = report(results, skipped);
        for (String timeout : timeouts) {
            int[] millis = millis(timeout);
            for (LeaderFault fault : possible) {
                for (Target system : present) {
                    Series.Plan plan =
                            new Series.Plan(system, fault, millis[0], millis[1], repeats, warmUpSeconds, holdSeconds);
                    try {
                        results.add(series(plan, data));
                    } catch (Await.TooLateException e) {
                        skipped.add(fault.title + " on " + FailoverReport.system(system) + " at " + timeout + ": "
                                + e.getMessage());
                        System.err.println("Given up: " + e.getMessage());
                    }
                    // After every series: what was measured is kept, whatever comes.
                    report = report(results, skipped);
                    report.write(reportFolder);
                }
            }
        }
        System.out.print(report.markdown());
        System.out.println("\nReport: " + reportFolder.resolve("report.md") + " and report.json");
        return !report.isClean() ? 2 : results.isEmpty() ? NOTHING_MEASURED : 0;
    }

    private SeriesResult series(Series.Plan plan, Path data) {
        String head = FailoverReport.system(plan.target()) + " " + plan.fault() + " " + plan.heartbeatMillis() + "/"
                + plan.electionMillis() + " ";
        Optional<NodeNetwork> network = ownNetwork.open(Series.NODES);
        try (Series series = new Series(plan, data, network)) {
            SeriesResult result = series.run(line -> System.err.println(head + line));
            System.err.println(head + result.audit());
            return result;
        } finally {
            network.ifPresent(NodeNetwork::close);
        }
    }

    private FailoverReport report(List<SeriesResult> results, List<String> skipped) {
        return new FailoverReport(
                Runtime.getRuntime().availableProcessors(),
                ownNetwork.isEnclosed() ? "each in a network namespace of its own" : "on loopback",
                results,
                skipped);
    }

    private static int[] millis(String timeout) {
        String[] parts = timeout.split("/", -1);
        try {
            if (parts.length == 2) {
                return new int[] {Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip())};
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(timeout + " is not of the form HEARTBEAT/ELECTION, such as 100/1000", e);
        }
        throw new IllegalArgumentException(timeout + " is not of the form HEARTBEAT/ELECTION, such as 100/1000");
    }
}

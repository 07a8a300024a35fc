package io.axolotl.client.bench;

import io.axolotl.client.Endpoint;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The entry of {@code axolotl bench}. */
@Command(
        name = "axolotl bench",
        mixinStandardHelpOptions = true,
        version = "axolotl bench 0.1.0",
        description = "Puts load on an etcd v3 endpoint and prints throughput, latency and CPU time per operation.",
        footer = "The columns of -w markdown are: " + BenchReport.MARKDOWN_COLUMNS)
public final class BenchMain implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Option(names = "--clients", defaultValue = "100", description = "operations in flight (${DEFAULT-VALUE})")
    private int clients;

    @Option(
            names = "--connections",
            defaultValue = "0",
            description = "TCP connections, spread over the endpoints; 0 is one per endpoint (${DEFAULT-VALUE})")
    private int connections;

    @Option(names = "--key-size", defaultValue = "16", description = "bytes of a key (${DEFAULT-VALUE})")
    private int keySizeBytes;

    @Option(
            names = "--read-percent",
            defaultValue = "50",
            description = "share of reads of --op mixed (${DEFAULT-VALUE})")
    private int readPercent;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "open loop: operations per second fall due at this rate; 0 is a closed loop (${DEFAULT-VALUE})")
    private double ratePerSecond;

    @Option(
            names = "--deadline-millis",
            defaultValue = "0",
            description =
                    "deadline of each operation; with --rate they begin when they fall due, however many are in flight, and goodput"
                            + " is what is answered in time; 0 is none (${DEFAULT-VALUE})")
    private int deadlineMillis;

    @Option(names = "--target-leader", description = "send everything to the leader")
    private boolean targetLeader;

    @Option(names = "--no-fill", description = "do not write all keys before an operation that reads")
    private boolean noFill;

    @Option(
            names = {"-w", "--write-out"},
            defaultValue = "simple",
            description = "simple, json or markdown (${DEFAULT-VALUE})")
    private String writeOut = "";

    private BenchMain() {}

    /** All flags, for what completes them in a shell. */
    public static CommandSpec commandSpec() {
        return CommandSpec.forAnnotatedObject(new BenchMain());
    }

    public static void main(String[] args) {
        System.exit(LoadOptions.runProcess(new BenchMain(), args));
    }

    /**
     * Runs one command line.
     *
     * @return 0 if at least one operation succeeded, 1 if none did or a place could not be reached, 2 for a wrong command line
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return LoadOptions.run(new BenchMain(), args, out, err);
    }

    @Override
    public Integer call() {
        if (!List.of("simple", "json", "markdown").contains(writeOut)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "output format " + writeOut + " is not one of simple, json, markdown");
        }
        try (LoadRun run = new LoadRun(plan(), load.tls(spec))) {
            BenchReport report = run.run();
            PrintWriter out = spec.commandLine().getOut();
            out.print(
                    switch (writeOut) {
                        case "json" -> report.json();
                        case "markdown" -> report.markdownRow();
                        default -> report.simple();
                    });
            out.flush();
            return report.operations() > 0 ? 0 : 1;
        }
    }

    private BenchPlan plan() {
        return LoadOptions.plan(spec, () -> {
            List<Endpoint> places = load.endpoints();
            return new BenchPlan(
                    places,
                    load.operation,
                    clients,
                    connections == 0 ? Math.min(clients, places.size()) : connections,
                    load.valueSizeBytes,
                    keySizeBytes,
                    load.keys,
                    readPercent,
                    load.warmup(),
                    load.measured(),
                    ratePerSecond,
                    targetLeader,
                    !noFill,
                    load.serverPids,
                    load.threads,
                    Duration.ofMillis(deadlineMillis));
        });
    }
}

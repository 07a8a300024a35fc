package io.axolotl.client.bench;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The entry of {@code axolotl overload}: what is left of a cluster's service when more is asked of it than it can do. */
@Command(
        name = "axolotl overload",
        mixinStandardHelpOptions = true,
        version = "axolotl overload 0.1.0",
        description =
                "Finds the peak of an etcd v3 endpoint, offers it multiples of that, and prints the goodput of each.",
        footer = {
            "The peak is the best of some closed loops. The load that follows is open: operations fall due at a rate,",
            "whatever became of those before. Goodput is what is answered with success within the deadline.",
            "Give the servers and this program processors of their own, or the generator takes from what it measures."
        })
public final class OverloadMain implements Callable<Integer> {
    private static final int MIN_CLIENTS = 50;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Option(
            names = "--clients",
            split = ",",
            defaultValue = "100,400,1600",
            description = "operations in flight of the closed loops that look for the peak (${DEFAULT-VALUE})")
    private List<Integer> clients = List.of();

    @Option(
            names = "--factors",
            split = ",",
            defaultValue = "1,2,3",
            description = "multiples of the peak that are offered (${DEFAULT-VALUE})")
    private List<Double> factors = List.of();

    @Option(
            names = "--deadline-millis",
            defaultValue = "500",
            description = "deadline of each operation (${DEFAULT-VALUE})")
    private int deadlineMillis;

    @Option(names = "--connections", defaultValue = "6", description = "spread over the endpoints (${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--least-percent",
            defaultValue = "0",
            description = "exit with 1 if goodput falls below this part of the peak (${DEFAULT-VALUE})")
    private double leastPercent;

    private OverloadMain() {}

    public static void main(String[] args) {
        System.exit(LoadOptions.runProcess(new OverloadMain(), args));
    }

    /**
     * Runs one command line.
     *
     * @return 0 if all is well, 1 if goodput was too low or a place could not be reached, 2 for a wrong command line
     */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return LoadOptions.run(new OverloadMain(), args, out, err);
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "| offered | op/s | goodput op/s | of peak | p50 ms | p99 ms | refused | late or lost | servers cores |%n");
        out.printf("|---|---:|---:|---:|---:|---:|---:|---:|---:|%n");
        double peak = 0;
        for (int inFlight : clients) {
            BenchReport report = measure(plan(inFlight, 0));
            peak = Math.max(peak, report.goodPerSecond());
            row(out, inFlight + " at a time", report, peak);
        }
        if (peak == 0) {
            throw new IllegalArgumentException(
                    "nothing at all was answered in time; is --deadline-millis long enough?");
        }
        boolean isEnough = true;
        for (double factor : factors) {
            BenchReport report = measure(plan(MIN_CLIENTS, factor * peak));
            row(out, String.format(Locale.ROOT, "%.1f x peak", factor), report, peak);
            isEnough &= factor < 1 || report.goodPerSecond() * 100 >= leastPercent * peak;
        }
        return isEnough ? 0 : 1;
    }

    private BenchReport measure(BenchPlan plan) {
        try (LoadRun run = new LoadRun(plan, load.tls(spec))) {
            return run.run();
        }
    }

    private BenchPlan plan(int inFlight, double ratePerSecond) {
        return LoadOptions.plan(
                spec,
                () -> new BenchPlan(
                        load.endpoints(),
                        load.operation,
                        Math.max(inFlight, connections),
                        connections,
                        load.valueSizeBytes,
                        16,
                        load.keys,
                        50,
                        load.warmup(),
                        load.measured(),
                        ratePerSecond,
                        false,
                        true,
                        load.serverPids,
                        load.threads,
                        Duration.ofMillis(deadlineMillis)));
    }

    private static void row(PrintWriter out, String what, BenchReport report, double peak) {
        long refused = 0;
        for (Map.Entry<String, Long> error : report.errors().entrySet()) {
            refused += error.getKey().startsWith("RESOURCE_EXHAUSTED") ? error.getValue() : 0;
        }
        double windowSeconds = report.plan().measured().toNanos() / 1e9;
        long asked = report.operations() + report.errorCount();
        out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.0f %% | %.1f | %.1f | %d | %d | %.2f |%n",
                what,
                asked / windowSeconds,
                report.goodPerSecond(),
                100 * report.goodPerSecond() / peak,
                report.millis(50),
                report.millis(99),
                refused,
                report.errorCount() - refused + report.operations() - report.inTime(),
                report.serverCpu().toNanos() / 1e9 / windowSeconds);
        out.flush();
    }
}

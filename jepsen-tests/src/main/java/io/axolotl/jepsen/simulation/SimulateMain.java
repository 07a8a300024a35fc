package io.axolotl.jepsen.simulation;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code axolotl simulate}: runs seeds, replays one, or shows that planted bugs are caught. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = "Runs the real core and storage in simulated worlds, each made from one seed.")
public final class SimulateMain implements Callable<Integer> {
    @Option(names = "--seeds", defaultValue = "100", description = "How many seeds to run (default ${DEFAULT-VALUE}).")
    private long seeds;

    @Option(names = "--start", description = "The first seed; drawn from the clock if not given, and printed.")
    private @Nullable Long start;

    @Option(names = "--seed", description = "Replays this one seed and prints its whole trace.")
    private @Nullable Long seed;

    @Option(
            names = "--seconds",
            defaultValue = "30",
            description = "Virtual seconds of faults in each seed (default ${DEFAULT-VALUE}).")
    private long seconds;

    @Option(names = "--minutes", description = "Stops after this much wall time, whatever is left.")
    private @Nullable Double minutes;

    @Option(names = "--planted-bug", defaultValue = "NONE", description = "Plants one of: ${COMPLETION-CANDIDATES}.")
    private PlantedBug bug = PlantedBug.NONE;

    @Option(
            names = "--planted-bugs",
            description = "Plants each bug in turn and prints after how many seeds it is caught.")
    private boolean isTable;

    public static void main(String[] args) {
        System.exit(new CommandLine(new SimulateMain()).execute(args));
    }

    @Override
    public Integer call() {
        long first = start != null ? start : System.currentTimeMillis();
        if (seed != null) {
            SimulationResult result = new Simulation(seed, bug, seconds, System.out).run();
            System.out.println(result.report());
            System.out.printf("trace hash %016x after %d events%n", result.traceHash(), result.events());
            return result.isPassed() ? 0 : 1;
        }
        return isTable ? table(first) : campaign(first);
    }

    private int campaign(long first) {
        System.out.println("seeds " + first + " to " + (first + seeds - 1) + ", " + seconds + " virtual seconds each");
        long startNanos = System.nanoTime();
        long limitNanos = minutes == null ? Long.MAX_VALUE : (long) (minutes * 60e9);
        Campaign campaign = new Campaign();
        for (long at = first; at < first + seeds && System.nanoTime() - startNanos < limitNanos; at++) {
            SimulationResult result = new Simulation(at, bug, seconds, null).run();
            campaign.add(result);
            if (!result.isPassed()) {
                System.out.println(result.report());
            }
        }
        System.out.print(campaign.summary(System.nanoTime() - startNanos));
        return campaign.failures() == 0 ? 0 : 1;
    }

    private int table(long first) {
        System.out.printf("%-24s %-10s %-12s %s%n", "planted bug", "caught by", "of at most", "as");
        boolean isAllCaught = true;
        for (PlantedBug planted : PlantedBug.values()) {
            if (planted == PlantedBug.NONE) {
                continue;
            }
            Detection detection = Detection.hunt(planted, first, planted.maxSeeds(), seconds);
            isAllCaught &= detection.isCaught();
            System.out.printf(
                    "%-24s %-10s %-12d %s%n",
                    planted,
                    detection.isCaught() ? "seed " + detection.seeds() : "nobody",
                    planted.maxSeeds(),
                    detection.rule());
        }
        return isAllCaught ? 0 : 1;
    }
}

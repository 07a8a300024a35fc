package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
    private static final int MOST_TRIES = 150;

    /** Of many failures, so many are made small and told whole; of the others there is a line each. */
    private static final int MOST_SHRUNK = 5;

    @Option(names = "--seeds", defaultValue = "100", description = "How many seeds to run (default ${DEFAULT-VALUE}).")
    private long seeds;

    @Option(names = "--start", description = "The first seed; drawn from the clock if not given, and printed.")
    private @Nullable Long start;

    @Option(names = "--seed", description = "Replays this one seed and prints its whole trace.")
    private @Nullable Long seed;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "Virtual seconds of faults in each seed (default ${DEFAULT-VALUE}).")
    private long seconds;

    @Option(names = "--minutes", description = "Stops after this much wall time, whatever is left.")
    private @Nullable Double minutes;

    @Option(names = "--threads", description = "Seeds that run at once; one for each processor if not given.")
    private @Nullable Integer threads;

    @Option(names = "--nodes", description = "At most so many nodes found the cluster.")
    private @Nullable Integer nodes;

    @Option(names = "--clients", description = "At most so many clients.")
    private @Nullable Integer clients;

    @Option(names = "--faults", description = "With --seed: only these of its faults happen, as 0,3,7-9, or none.")
    private @Nullable String faults;

    @Option(
            names = "--rocksdb",
            description = "Keeps states in the real database: slower, and not quite the same each time.")
    private boolean isOnRocksDb;

    @Option(names = "--shrink", description = "With --seed: makes a failure as small as it can.")
    private boolean isShrinking;

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
            return replay(seed);
        }
        return isTable ? table(first) : campaign(first);
    }

    private Trim trim() {
        Trim trim = Trim.of(seconds);
        if (nodes != null) {
            trim = trim.withFounders(nodes);
        }
        if (clients != null) {
            trim = trim.withClients(clients);
        }
        if (isOnRocksDb) {
            trim = trim.onRocksDb();
        }
        return faults == null ? trim : trim.withFaults(faults);
    }

    private int replay(long chosen) {
        Trim trim = trim();
        SimulationResult result = new Simulation(chosen, bug, trim, isShrinking ? null : System.out).run();
        if (isShrinking) {
            result = shrunk(result, trim);
        }
        System.out.println(result.report());
        System.out.printf("trace hash %016x after %d events%n", result.traceHash(), result.events());
        return result.isPassed() ? 0 : 1;
    }

    private static SimulationResult shrunk(SimulationResult failure, Trim trim) {
        Shrinker shrinker = new Shrinker(failure, trim, MOST_TRIES);
        SimulationResult smallest = shrinker.shrink();
        System.out.println("shrunk in " + shrinker.tries() + " worlds, from "
                + failure.faultsSeen().size()
                + " faults to " + smallest.faultsSeen().size() + ", from " + failure.founders() + " nodes to "
                + smallest.founders() + ", from " + failure.virtualNanos() / SimulationSettings.SECONDS + " s to "
                + smallest.virtualNanos() / SimulationSettings.SECONDS + " s");
        return smallest;
    }

    private int campaign(long first) {
        int parallel = parallel();
        System.out.println("seeds " + first + " to " + (first + seeds - 1) + ", " + seconds
                + " virtual seconds each, on " + parallel + " threads");
        List<SimulationResult> failures = new ArrayList<>();
        Campaign campaign = Campaign.run(
                new Campaign.Plan(
                        first,
                        seeds,
                        bug,
                        trim(),
                        parallel,
                        minutes == null ? Long.MAX_VALUE : (long) (minutes * 60e9)),
                new Campaign.Listener() {
                    @Override
                    public void failed(SimulationResult failure) {
                        failures.add(failure);
                        System.out.println(failure.headline());
                    }

                    @Override
                    public void cameSoFar(String sums) {
                        System.out.println(sums);
                    }
                });
        System.out.print(campaign.summary());
        failures.stream()
                .limit(MOST_SHRUNK)
                .forEach(each -> System.out.println(shrunk(each, trim()).report()));
        campaign.brokenWorlds().forEach(Throwable::printStackTrace);
        return failures.isEmpty() && campaign.brokenWorlds().isEmpty() ? 0 : 1;
    }

    private int table(long first) {
        ExecutorService hunters = Executors.newFixedThreadPool(parallel());
        try {
            Map<PlantedBug, Future<Detection>> hunts = new EnumMap<>(PlantedBug.class);
            for (PlantedBug planted : PlantedBug.values()) {
                if (planted != PlantedBug.NONE && (bug == PlantedBug.NONE || bug == planted)) {
                    hunts.put(
                            planted, hunters.submit(() -> Detection.hunt(planted, first, planted.maxSeeds(), seconds)));
                }
            }
            System.out.printf("%-32s %-10s %-12s %s%n", "planted bug", "caught by", "of at most", "as");
            boolean isAllCaught = true;
            for (Map.Entry<PlantedBug, Future<Detection>> hunt : hunts.entrySet()) {
                isAllCaught &= tell(hunt.getKey(), hunt.getValue());
            }
            return isAllCaught ? 0 : 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            hunters.shutdownNow();
        }
    }

    private static boolean tell(PlantedBug planted, Future<Detection> hunt) throws InterruptedException {
        boolean isCaught = false;
        String by;
        String as;
        try {
            Detection detection = hunt.get();
            isCaught = detection.isCaught();
            by = isCaught ? "seed " + detection.seeds() : "nobody";
            as = detection.rule();
        } catch (ExecutionException e) {
            // The others are worth telling all the same.
            by = "nobody";
            as = "the hunt ended by itself: " + e.getCause();
        }
        System.out.printf("%-32s %-10s %-12d %s%n", planted, by, planted.maxSeeds(), as);
        return isCaught;
    }

    private int parallel() {
        return threads != null ? threads : Runtime.getRuntime().availableProcessors();
    }
}

package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.environment.Environment;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.nemesis.Schedule;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.jepsen.process.Enclosure;
import io.axolotl.jepsen.process.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code axolotl chaos}. Exits with 0 if nothing is wrong, 2 if something is, 3 if the runs show nothing one way or the other, 1 if
 * they could not be made.
 *
 * <p>Runs itself again inside an {@link Enclosure} where that is possible; else on 127.0.0.1 with proxies, without the faults that need
 * more rights.
 */
@Command(
        name = "axolotl chaos",
        description = {
            "Starts a cluster on this machine, uses it, hurts it, makes everything whole again, and judges all that its clients saw.",
            "Of a run that fails everything is kept, and how to judge it again is said.",
            "",
            "Most faults of networks and disks need root; what this machine lacks is said before anything is started, and the",
            "faults that need it are skipped by name. Exits with 2 if something is wrong, 3 if a run shows nothing."
        },
        exitCodeOnInvalidInput = ExitCodes.FAILED,
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ChaosMain implements Callable<Integer> {
    /** Of faults for each bug that is planted: enough for two or three of them. */
    private static final double PLANTED_MINUTES = 0.2;

    @Option(
            names = "--nodes",
            paramLabel = "3|5",
            defaultValue = "3",
            description = "members (default ${DEFAULT-VALUE})")
    private int nodes;

    @Option(names = "--workload", paramLabel = "NAME", description = "what clients do: one of those that --list tells")
    private @Nullable String workload;

    @Option(
            names = "--nemesis",
            split = ",",
            paramLabel = "NAME",
            description =
                    "what is done to the cluster, several at once: of those that --list tells, or mix for any two at once")
    private List<String> nemesis = List.of();

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "in which faults come, for each run (default 1, or 0.25 for the short profile)")
    private @Nullable Double minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "when which faults come follows from it, and what clients do (default ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "150",
            description = "calls a second (default ${DEFAULT-VALUE})")
    private double rate;

    @Option(
            names = "--target",
            paramLabel = "axolotl|etcd",
            defaultValue = "axolotl",
            description = "whose servers (default ${DEFAULT-VALUE})")
    private Target target = Target.AXOLOTL;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            defaultValue = "axolotl-chaos-report",
            description =
                    "gets a folder for each run; the servers' data is in it while they run, so it must be on a real disk (default ${DEFAULT-VALUE})")
    private Path report = Path.of("axolotl-chaos-report");

    @Option(
            names = "--profile",
            paramLabel = "short|long",
            description =
                    "how fast faults follow each other; without --workload and --nemesis also which set of runs: short is a few, long every workload with every group of faults")
    private @Nullable Profile profile;

    @Option(
            names = "--within",
            paramLabel = "N",
            description =
                    "minutes in which runs begin: as many of the profile's as there is time for, in an order that follows from the seed; those that the report's folder has are left out")
    private @Nullable Double within;

    @Option(
            names = "--plant",
            paramLabel = "BUG",
            description =
                    "plants a bug in every server, one of those that --list tells; without --workload and --nemesis in the run that must show it")
    private @Nullable String plant;

    @Option(
            names = "--planted",
            description =
                    "plays each bug, or that of --plant, in the run that must show it, and tells which judge saw it and when; exits with 2 if one was not caught")
    private boolean isOfPlanted;

    @Option(
            names = "--list",
            description = "tells workloads, faults and bugs, and which of them this machine cannot do, and ends")
    private boolean lists;

    @Option(names = "--in-place", description = "on 127.0.0.1, without namespaces, as if there were no rights")
    private boolean isInPlace;

    @Option(names = "--enclosed", hidden = true)
    private boolean isEnclosed;

    private String[] words = {};

    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /** @param args those that it will be given */
    static CommandLine commandLine(String... args) {
        ChaosMain main = new ChaosMain();
        main.words = args.clone();
        return new CommandLine(main)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("axolotl chaos: " + failure.getMessage());
                    return ExitCodes.FAILED;
                });
    }

    @Override
    public Integer call() {
        List<RunPlan> plans = plans();
        if (!isEnclosed && !isInPlace) {
            Optional<String> obstacle = Enclosure.obstacle();
            if (obstacle.isEmpty()) {
                List<String> inside = new ArrayList<>(List.of(words));
                inside.add("--enclosed");
                return Enclosure.run(ChaosMain.class, inside);
            }
            System.err.println("Without namespaces: " + obstacle.get());
        }
        if (isEnclosed) {
            Enclosure.endWithOutside();
        }
        Map<Ability, String> missing = Environment.missing(target, isEnclosed);
        if (lists) {
            System.out.print(Choices.text(nodes, target, missing));
            return ExitCodes.VALID;
        }
        return isOfPlanted
                ? new PlantedCampaign(plans, missing).play()
                : new Campaign(plans, missing, report, deadline()).play();
    }

    private BooleanSupplier deadline() {
        if (within == null) {
            return () -> false;
        }
        long endNanos = System.nanoTime() + (long) (within * 60e9);
        return () -> System.nanoTime() - endNanos >= 0;
    }

    /** @throws IllegalArgumentException if what was asked for is not there */
    private List<RunPlan> plans() {
        if (nodes != 3 && nodes != 5) {
            throw new IllegalArgumentException("--nodes is " + nodes + "; a cluster has 3 or 5");
        }
        if (rate < 1 || rate > 10_000) {
            throw new IllegalArgumentException("--rate is " + rate + "; it is from 1 to 10000 calls a second");
        }
        if (minutes != null && !(minutes > 0 && minutes <= 24 * 60)) {
            throw new IllegalArgumentException("--minutes is " + minutes + "; it is more than 0, and at most a day");
        }
        if (within != null && !(within > 0 && within <= 7 * 24 * 60)) {
            throw new IllegalArgumentException(
                    "--within is " + within + " minutes; it is more than 0, and at most a week");
        }
        if (target == Target.FLOOR) {
            throw new IllegalArgumentException("--target is axolotl or etcd");
        }
        if (!target.isInstalled()) {
            throw new IllegalArgumentException(
                    "--target is etcd, but there is no etcd on the PATH (package etcd-server)");
        }
        if (Files.exists(report) && !Files.isDirectory(report)) {
            throw new IllegalArgumentException("--report is " + report + ", which is not a folder");
        }
        Optional<PlantedServerBug> planted = Optional.ofNullable(plant).map(PlantedServerBug::named);
        planted.flatMap(bug -> bug.obstacle(target)).ifPresent(reason -> {
            throw new IllegalArgumentException("--plant " + plant + " cannot be done: " + reason);
        });
        boolean isSet = workload == null && nemesis.isEmpty();
        if (!isSet && (workload == null || nemesis.isEmpty())) {
            throw new IllegalArgumentException(
                    "--workload and --nemesis go together; without both, --profile says which runs are made");
        }
        if (within != null && (!isSet || isOfPlanted)) {
            throw new IllegalArgumentException("--within goes with a --profile: it says how many of its runs are made");
        }
        if (isOfPlanted && !isSet) {
            throw new IllegalArgumentException(
                    "--planted knows its workloads and faults; leave --workload and --nemesis out");
        }
        if (isSet && (isOfPlanted || planted.isPresent())) {
            return planted.map(List::of).orElse(List.of(PlantedServerBug.values())).stream()
                    .map(bug -> plan(
                            new Profile.Pair(
                                    bug.caught().workload(), bug.caught().nemesis()),
                            minutes != null ? minutes : PLANTED_MINUTES,
                            seed,
                            profile != Profile.LONG,
                            Optional.of(bug)))
                    .toList();
        }
        Profile chosen = profile == null ? Profile.SHORT : profile;
        List<Profile.Pair> pairs =
                isSet ? chosen.pairs(nodes) : List.of(new Profile.Pair(String.valueOf(workload), nemesis));
        double length = minutes != null ? minutes : isSet && chosen == Profile.SHORT ? 0.25 : 1;
        boolean isBrisk = profile == null ? length < 1 : profile == Profile.SHORT;
        List<RunPlan> plans = new ArrayList<>();
        for (Profile.Pair pair : pairs) {
            plans.add(plan(pair, length, seed + plans.size(), isBrisk, planted));
        }
        return within == null ? plans : inDrawnOrder(plans);
    }

    /** Without those of which the folder has a report already: so another hour goes on where the last one ended. */
    private List<RunPlan> inDrawnOrder(List<RunPlan> plans) {
        List<RunPlan> drawn = new ArrayList<>(plans);
        Collections.shuffle(drawn, new Random(seed));
        drawn.removeIf(plan -> Files.exists(report.resolve(plan.id()).resolve("report.json")));
        if (drawn.isEmpty()) {
            throw new IllegalArgumentException("all runs of this profile and --seed " + seed + " are in " + report
                    + "; choose another seed or folder");
        }
        return drawn;
    }

    private RunPlan plan(
            Profile.Pair pair, double length, long itsSeed, boolean isBrisk, Optional<PlantedServerBug> planted) {
        String name = Workloads.named(pair.workload()).name();
        pair.nemesis().stream().filter(fault -> !fault.equals(Schedule.MIX)).forEach(Faults::named);
        RunPlan bare = new RunPlan(
                target, nodes, name, pair.nemesis(), length, itsSeed, rate, report, isBrisk, isEnclosed, planted);
        return bare.in(unused(report.resolve(bare.id())));
    }

    /** A run that was kept is never written over: the next one of its name has a number. */
    private static Path unused(Path folder) {
        Path free = folder;
        for (int number = 2; Files.exists(free); number++) {
            free = folder.resolveSibling(folder.getFileName() + "-" + number);
        }
        return free;
    }
}

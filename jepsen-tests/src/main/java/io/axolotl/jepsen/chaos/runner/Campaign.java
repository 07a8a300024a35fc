package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.report.ChaosReport;
import io.axolotl.jepsen.chaos.workload.Workloads;
import io.axolotl.jepsen.process.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntBiFunction;
import java.util.stream.Collectors;

/**
 * Plays runs one after the other, and after each sums up all runs that are in its folder: one that is cut short loses no more than the
 * run it was at, and what was played before, or on other servers, is beside it. Confined to one thread.
 */
final class Campaign {
    private final List<RunPlan> plans;
    private final Map<Ability, String> missing;
    private final Path folder;
    private final BooleanSupplier isTimeUp;
    private final List<RunMeasure> measures;
    private final List<Integer> exitCodes = new ArrayList<>();

    /**
     * @param missing what this machine cannot do, and why
     * @param isTimeUp asked before each run but the first: whether none is to begin any more
     * @throws IllegalArgumentException if a report in the folder cannot be read
     */
    Campaign(List<RunPlan> plans, Map<Ability, String> missing, Path folder, BooleanSupplier isTimeUp) {
        this.plans = List.copyOf(plans);
        this.missing = missing;
        this.folder = folder;
        this.isTimeUp = isTimeUp;
        this.measures = new ArrayList<>(ChaosReport.runsIn(folder));
    }

    /** @return the worst exit code of all runs */
    int play() {
        return play(this::play);
    }

    /** @param player plays a run and answers with its exit code */
    int play(ToIntBiFunction<RunPlan, Faults.Choice> player) {
        int left = plans.size();
        for (RunPlan plan : plans) {
            if (!exitCodes.isEmpty() && isTimeUp.getAsBoolean()) {
                break;
            }
            left--;
            Faults.Choice choice = choose(plan);
            choice.skipped().forEach((fault, reason) -> System.err.println("Skipped: " + fault + ": " + reason));
            if (choice.possible().isEmpty()) {
                if (plans.size() == 1) {
                    throw new IllegalArgumentException(
                            "none of the faults asked for can be played here: " + plan.nemesisName() + " ("
                                    + String.join("; ", choice.skipped().values()) + ")");
                }
                continue;
            }
            exitCodes.add(player.applyAsInt(plan, choice));
        }
        if (exitCodes.isEmpty()) {
            throw new IllegalArgumentException("none of the faults of this profile can be played here");
        }
        System.out.println("\n" + Text.count(exitCodes.size(), "run", "runs") + ": " + count(ExitCodes.VALID)
                + " without a finding, " + count(ExitCodes.VIOLATED) + " with violations, " + count(ExitCodes.VOID)
                + " that show nothing, " + count(ExitCodes.FAILED) + " that could not be made"
                + (left == 0 ? "" : "; the time was up before " + Text.count(left, "more", "more")));
        if (!measures.isEmpty()) {
            System.out.println("Report: " + folder.resolve("index.html"));
        }
        return List.of(ExitCodes.VIOLATED, ExitCodes.FAILED, ExitCodes.VOID).stream()
                .filter(exitCodes::contains)
                .findFirst()
                .orElse(ExitCodes.VALID);
    }

    private Faults.Choice choose(RunPlan plan) {
        Faults.Choice choice = Faults.choose(plan.nemesis(), plan.target(), plan.nodes(), missing);
        return Workloads.changesMembers(plan.workload())
                ? choice.withoutJoins("a member that joins has to be told of all others, and clients of "
                        + plan.workload() + " change who they are")
                : choice;
    }

    private long count(int exitCode) {
        return exitCodes.stream().filter(code -> code == exitCode).count();
    }

    private int play(RunPlan plan, Faults.Choice choice) {
        ChaosRun run = new ChaosRun(plan, choice, line -> System.err.println("  " + line));
        Optional<ChaosRun.Result> ended = play(plan, run);
        if (ended.isEmpty()) {
            return ExitCodes.FAILED;
        }
        ChaosRun.Result result = ended.get();
        measures.add(ChaosReport.write(result.record(), result.calls(), plan.folder()));
        ChaosReport.summary(measures, folder);
        System.out.print(summary(result.record()));
        int exitCode = ExitCodes.of(result.record().verdicts());
        if (exitCode == ExitCodes.VALID) {
            run.removeData();
        } else {
            System.out.print(Kept.announcement(plan.folder()));
        }
        return exitCode;
    }

    /** Plays a run, and tells why if it could not go on: then there is nothing. */
    static Optional<ChaosRun.Result> play(RunPlan plan, ChaosRun run) {
        System.err.println("\n" + plan.id());
        plan.planted().ifPresent(bug -> System.err.println("  planted: " + bug.sentence()));
        try {
            return Optional.of(run.play());
        } catch (RuntimeException e) {
            System.err.println("  The run could not go on: " + e.getMessage());
            System.err.println("  What is there of it: " + plan.folder());
            return Optional.empty();
        }
    }

    private static String summary(RunRecord record) {
        String faults = record.faults().stream()
                .collect(Collectors.groupingBy(FaultWindow::id, java.util.TreeMap::new, Collectors.counting()))
                .toString();
        return record.id() + "\n  faults    " + faults + "\n" + ExitCodes.describe(record.verdicts());
    }
}

package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.Workload;
import io.axolotl.jepsen.chaos.environment.Ability;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import io.axolotl.jepsen.chaos.planted.PlantedServerBug;
import io.axolotl.jepsen.chaos.report.ChaosReport;
import io.axolotl.jepsen.chaos.workload.Workloads;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Plays bugs one after the other, each in the run that has to show it, and tells who has seen it. Confined to one thread. */
final class PlantedCampaign {
    private static final double SECOND = 1e9;
    /** Verdicts on the run, not on the servers. */
    private static final Set<String> CONDITIONS = Set.of("machine", "nemesis", "faults felt");

    private final List<RunPlan> plans;
    private final Map<Ability, String> missing;
    private final List<Found> found = new ArrayList<>();

    /**
     * What came of one. Immutable.
     *
     * @param by whose verdict shows it: the judge that has to, or why none does
     * @param seenNanos of the run until that judge would have seen it
     * @param also who else has found something wrong
     */
    record Found(PlantedServerBug bug, int exitCode, String by, Optional<Long> seenNanos, List<String> also) {
        Found {
            also = List.copyOf(also);
        }

        private static Found none(PlantedServerBug bug, int exitCode, String why) {
            return new Found(bug, exitCode, why, Optional.empty(), List.of());
        }

        /**
         * Of a run that was played to its end.
         *
         * @param askedNanos of the run until the living cluster was asked
         */
        static Found of(PlantedServerBug bug, List<Verdict> verdicts, List<Call> calls, long askedNanos) {
            String judge = bug.caught().judge();
            List<String> also = verdicts.stream()
                    .filter(Verdict::isViolated)
                    .map(Verdict::judge)
                    .filter(name -> !name.equals(judge))
                    .toList();
            if (verdicts.stream().noneMatch(it -> it.judge().equals(judge) && it.isViolated())) {
                // A judge is blind if it found all well in a run that was as it should be; else the run shows nothing.
                boolean isPlayed = verdicts.stream()
                        .filter(it -> it.judge().equals(judge) || CONDITIONS.contains(it.judge()))
                        .allMatch(it -> it.kind() == Verdict.Kind.VALID);
                return isPlayed
                        ? new Found(bug, ExitCodes.VIOLATED, "not caught", Optional.empty(), also)
                        : new Found(bug, ExitCodes.VOID, "undecided", Optional.empty(), also);
            }
            long nanos = seenNanos(Workloads.named(bug.caught().workload()), judge, calls, askedNanos);
            boolean isInTime = nanos <= PlantedServerBug.WITHIN_SECONDS * SECOND;
            return new Found(
                    bug,
                    isInTime ? ExitCodes.VALID : ExitCodes.VIOLATED,
                    judge + (isInTime ? "" : ", too late"),
                    Optional.of(nanos),
                    also);
        }

        private static long seenNanos(Workload workload, String judge, List<Call> calls, long askedNanos) {
            boolean isOfHistory =
                    workload.judge(calls).stream().anyMatch(it -> it.judge().equals(judge) && it.isViolated());
            return isOfHistory ? FirstSight.nanos(workload, judge, calls) : askedNanos;
        }

        private String toLine() {
            return String.format(
                    Locale.ROOT,
                    "%-19s %-34s %-22s %8s  %s%n",
                    bug.id(),
                    bug.caught().workload() + " x "
                            + String.join(",", bug.caught().nemesis()),
                    by,
                    seenNanos
                            .map(nanos -> String.format(Locale.ROOT, "%.1f s", nanos / SECOND))
                            .orElse(""),
                    String.join(", ", also));
        }
    }

    /**
     * @param plans each with a bug
     * @param missing what this machine cannot do, and why
     */
    PlantedCampaign(List<RunPlan> plans, Map<Ability, String> missing) {
        this.plans = List.copyOf(plans);
        this.missing = missing;
    }

    /** @return 0 if every bug was caught in time, 2 if one was not, else that one could not be played */
    int play() {
        for (RunPlan plan : plans) {
            Found one = play(plan, plan.planted().orElseThrow());
            System.out.print(one.toLine());
            found.add(one);
        }
        System.out.print("\n" + table(found));
        return List.of(ExitCodes.VIOLATED, ExitCodes.FAILED, ExitCodes.VOID).stream()
                .filter(code -> found.stream().anyMatch(one -> one.exitCode == code))
                .findFirst()
                .orElse(ExitCodes.VALID);
    }

    private Found play(RunPlan plan, PlantedServerBug bug) {
        Optional<String> obstacle = bug.obstacle(plan.target());
        if (obstacle.isPresent()) {
            return Found.none(bug, ExitCodes.VOID, "not here: " + obstacle.get());
        }
        Faults.Choice choice = Faults.choose(plan.nemesis(), plan.target(), plan.nodes(), missing);
        if (!choice.skipped().isEmpty()) {
            return Found.none(
                    bug,
                    ExitCodes.VOID,
                    "not here: " + String.join("; ", choice.skipped().values()));
        }
        ChaosRun run = new ChaosRun(plan, choice, line -> System.err.println("  " + line));
        Optional<ChaosRun.Result> ended = Campaign.play(plan, run);
        if (ended.isEmpty()) {
            return Found.none(bug, ExitCodes.FAILED, "not played");
        }
        ChaosRun.Result result = ended.get();
        var unused = ChaosReport.write(result.record(), result.calls(), plan.folder());
        Found one = Found.of(bug, result.record().verdicts(), result.calls(), result.healedNanos());
        if (one.exitCode == ExitCodes.VALID) {
            run.removeData();
        } else {
            System.out.print(Kept.announcement(plan.folder()));
        }
        return one;
    }

    static String table(List<Found> found) {
        return String.format(
                        Locale.ROOT, "%-19s %-34s %-22s %8s  %s%n", "bug", "run", "caught by", "after", "and seen by")
                + found.stream().map(Found::toLine).collect(Collectors.joining());
    }
}

package io.axolotl.jepsen.chaos.report;

import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.measure.Availability;
import io.axolotl.jepsen.chaos.measure.FaultCost;
import io.axolotl.jepsen.chaos.measure.RunMeasure;
import io.axolotl.jepsen.chaos.measure.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a campaign came to. Its JSON form is this record, field by field; times are nanoseconds. Immutable.
 *
 * @param totals by target, and {@link Availability#EVERYTHING} if there are several
 * @param faultsByKind how often each was injected, by target
 * @param writes availability of writes for the client that may choose, by target
 * @param reads the same of reads
 * @param sideBySide a row per kind of fault, if there are several targets
 * @param runs without their pieces, in the order of their start
 */
record Summary(
        Map<String, Total> totals,
        Map<String, Map<String, Integer>> faultsByKind,
        Map<String, List<Availability>> writes,
        Map<String, List<Availability>> reads,
        List<Pair> sideBySide,
        List<Run> runs) {
    /** Sums. */
    record Total(
            int runs,
            int voids,
            int violatedRuns,
            long violations,
            int undecided,
            long operations,
            int faults,
            double hours) {}

    /** One fault on both sides; null where it did not strike. */
    record Pair(String faults, Map<String, Availability> byTarget) {
        @Nullable Availability of(String target) {
            return byTarget.get(target);
        }
    }

    /** A line of the list of runs. */
    record Run(
            String id,
            String target,
            int nodes,
            String workload,
            String nemesis,
            long seed,
            double minutes,
            String commit,
            long startedEpochMillis,
            Verdict.Kind verdict,
            String whyVoid,
            long operations,
            int faults,
            @Nullable Double availability,
            List<Verdict> verdicts,
            Map<String, String> skipped) {}

    static Summary of(List<RunMeasure> measures) {
        List<RunMeasure> runs = new ArrayList<>(measures);
        runs.sort(Comparator.comparingLong(RunMeasure::startedEpochMillis).thenComparing(RunMeasure::id));
        Map<String, List<RunMeasure>> byTarget = new TreeMap<>();
        runs.forEach(run -> byTarget.computeIfAbsent(run.target(), target -> new ArrayList<>())
                .add(run));
        Map<String, Total> totals = new LinkedHashMap<>();
        Map<String, Map<String, Integer>> faults = new LinkedHashMap<>();
        Map<String, List<Availability>> writes = new LinkedHashMap<>();
        Map<String, List<Availability>> reads = new LinkedHashMap<>();
        byTarget.forEach((target, own) -> {
            totals.put(target, total(own));
            faults.put(target, kinds(own));
            writes.put(target, Availability.table(own, View.SMART, Tables.WRITE));
            reads.put(target, Availability.table(own, View.SMART, Tables.READ));
        });
        if (byTarget.size() != 1) {
            totals.put(Availability.EVERYTHING, total(runs));
        }
        return new Summary(
                totals,
                faults,
                writes,
                reads,
                pairs(writes),
                runs.stream().map(Summary::run).toList());
    }

    private static Total total(List<RunMeasure> runs) {
        return new Total(
                runs.size(),
                (int) runs.stream().filter(RunMeasure::isVoid).count(),
                (int) runs.stream().filter(run -> run.violations() > 0).count(),
                runs.stream().mapToLong(RunMeasure::violations).sum(),
                (int) runs.stream()
                        .filter(run -> run.verdict() == Verdict.Kind.UNDECIDED)
                        .count(),
                runs.stream().mapToLong(RunMeasure::operationCount).sum(),
                runs.stream().mapToInt(run -> run.faults().size()).sum(),
                runs.stream().mapToLong(RunMeasure::probedNanos).sum() / 3600e9);
    }

    private static Map<String, Integer> kinds(List<RunMeasure> runs) {
        Map<String, Integer> kinds = new TreeMap<>();
        for (RunMeasure run : runs) {
            for (FaultCost cost : run.faults()) {
                kinds.merge(cost.fault().id(), 1, Integer::sum);
            }
        }
        return kinds;
    }

    private static List<Pair> pairs(Map<String, List<Availability>> tables) {
        if (tables.size() < 2) {
            return List.of();
        }
        Map<String, Map<String, Availability>> rows = new LinkedHashMap<>();
        tables.forEach((target, table) -> table.forEach(row ->
                rows.computeIfAbsent(row.faults(), faults -> new TreeMap<>()).put(target, row)));
        List<Pair> pairs = new ArrayList<>();
        rows.forEach((faults, byTarget) -> pairs.add(new Pair(faults, byTarget)));
        pairs.sort(Comparator.comparingInt(pair -> rank(pair.faults())));
        return pairs;
    }

    /** Kinds of faults first, as they come; then the time without; then the sum. */
    private static int rank(String faults) {
        return switch (faults) {
            case Availability.EVERYTHING -> 2;
            case Availability.QUIET -> 1;
            default -> 0;
        };
    }

    private static Run run(RunMeasure run) {
        List<Availability> table = Availability.table(List.of(run), View.SMART, Tables.WRITE);
        return new Run(
                run.id(),
                run.target(),
                run.nodes(),
                run.workload(),
                run.nemesis(),
                run.seed(),
                run.minutes(),
                run.commit(),
                run.startedEpochMillis(),
                run.isVoid() && run.violations() == 0 ? Verdict.Kind.VOID : run.verdict(),
                run.whyVoid(),
                run.operationCount(),
                run.faults().size(),
                table.isEmpty() ? null : table.get(table.size() - 1).availability(),
                run.verdicts(),
                run.skipped());
    }

    List<String> targets() {
        return List.copyOf(writes.keySet());
    }
}

package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to, without its probes and calls: small enough that a campaign keeps all of them. Immutable.
 *
 * @param operations calls by outcome; what did not occur is left out
 * @param whyVoid why nothing of it counts, else ""
 * @param probedNanos from the first probe to the last
 * @param faults in the order of injection
 * @param cycles the run cut into pieces, by view and kind: see {@link Cycle}
 */
public record RunMeasure(
        String id,
        String commit,
        String target,
        int nodes,
        long seed,
        String workload,
        String nemesis,
        double minutes,
        long startedEpochMillis,
        Map<Outcome, Long> operations,
        List<Verdict> verdicts,
        Map<String, String> skipped,
        String whyVoid,
        long probedNanos,
        List<FaultCost> faults,
        List<Cycle> cycles) {
    public RunMeasure {
        operations = Map.copyOf(operations);
        verdicts = List.copyOf(verdicts);
        skipped = Map.copyOf(skipped);
        faults = List.copyOf(faults);
        cycles = List.copyOf(cycles);
    }

    /** Measures a run by the usual bounds. */
    public static RunMeasure of(RunRecord run, List<Call> calls) {
        return of(run, calls, Bounds.DEFAULT);
    }

    /** Measures a run. */
    public static RunMeasure of(RunRecord run, List<Call> calls, Bounds bounds) {
        Map<Outcome, Long> operations =
                calls.stream().collect(Collectors.groupingBy(Call::outcome, TreeMap::new, Collectors.counting()));
        Measuring measuring = new Measuring(run, bounds);
        return new RunMeasure(
                run.id(),
                run.commit(),
                system(run),
                run.nodes(),
                run.seed(),
                run.workload(),
                run.nemesis(),
                run.minutes(),
                run.startedEpochMillis(),
                operations,
                run.verdicts(),
                run.skipped(),
                whyVoid(run),
                measuring.probedNanos(),
                measuring.costs(),
                measuring.cycles());
    }

    /** Servers with a planted bug are a system of their own: what they do is not held against the others. */
    private static String system(RunRecord run) {
        String planted = run.settings().get(RunRecord.PLANTED);
        return planted == null ? run.target() : run.target() + " with " + planted;
    }

    /** From the first to the last probe of a stream, whatever became of them; null if it has none. Arguments as {@link #badStretches}. */
    public static @Nullable Window probed(RunRecord run, int member, String kind) {
        ProbeSeries stream = ProbeSeries.byMember(run.probes(), kind).get(member);
        return stream == null ? null : new Window(stream.firstNanos(), stream.lastNanos(), true);
    }

    /**
     * Stretches of bad buckets of one stream, however short, for a picture of them.
     *
     * @param member -1 is the client that may choose
     * @param kind {@code write} or {@code read}
     */
    public static List<Window> badStretches(RunRecord run, int member, String kind) {
        ProbeSeries stream = ProbeSeries.byMember(run.probes(), kind).get(member);
        if (stream == null) {
            return List.of();
        }
        Bounds single = new Bounds(Bounds.DEFAULT.bucketNanos(), Bounds.DEFAULT.mostNanos(), 1);
        return Scan.of(List.of(stream), stream.firstNanos(), Long.MAX_VALUE, stream.lastNanos(), single)
                .windows();
    }

    private static String whyVoid(RunRecord run) {
        Optional<Verdict> verdict = run.verdicts().stream()
                .filter(one -> one.kind() == Verdict.Kind.VOID)
                .findFirst();
        if (verdict.isPresent()) {
            return verdict.get().judge() + ": " + verdict.get().summary();
        }
        return run.probes().isEmpty() ? "nothing was probed" : "";
    }

    public boolean isVoid() {
        return !whyVoid.isEmpty();
    }

    /** Of all outcomes. */
    public long operationCount() {
        return operations.values().stream().mapToLong(Long::longValue).sum();
    }

    public long operations(Outcome outcome) {
        return operations.getOrDefault(outcome, 0L);
    }

    /** The worst that a judge said: violated, void, undecided, valid; void if nobody said anything. */
    public Verdict.Kind verdict() {
        for (Verdict.Kind kind :
                List.of(Verdict.Kind.VIOLATED, Verdict.Kind.VOID, Verdict.Kind.UNDECIDED, Verdict.Kind.VALID)) {
            if (verdicts.stream().anyMatch(verdict -> verdict.kind() == kind)) {
                return kind;
            }
        }
        return Verdict.Kind.VOID;
    }

    public long violations() {
        return verdicts.stream()
                .filter(verdict -> verdict.kind() == Verdict.Kind.VIOLATED)
                .count();
    }
}

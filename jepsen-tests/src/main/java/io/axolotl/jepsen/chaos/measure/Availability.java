package io.axolotl.jepsen.chaos.measure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How available the service was under one kind of fault, for one view and kind of call (faults.md §7). In a test the rate of faults is chosen,
 * so the time between failures is an input as much as a finding; what travels is the time to repair, and {@link #atOneADay}.
 * Immutable.
 *
 * @param faults the kind of fault; {@link #QUIET} for the time without any, {@link #EVERYTHING} for the sum
 * @param samples how often it struck and counts
 * @param voids how often it does not count
 * @param outages windows without service
 * @param unfinished those of them that were not over when the next fault struck or the probes ended: their length is a lower bound
 * @param observedNanos time that was looked at
 * @param downNanos all windows together
 * @param mtbfNanos mean time between failures: time in service per window; null if there was no window
 * @param mttrNanos mean time to repair: mean length of a window; null if there was no window
 * @param availability {@code MTBF / (MTBF + MTTR)}, which is the share of the observed time outside of windows; 1 if there was no window
 * @param without time without service of each sample, zeros included; null if there are no samples
 * @param recovery TR of each sample, zeros included, of those that recovered
 * @param detection TD of those in which something was reported
 * @param newLeader of those in which a leader was reported
 * @param redundancy TRR of those in which members caught up
 */
public record Availability(
        String faults,
        View view,
        String kind,
        int samples,
        int voids,
        int outages,
        int unfinished,
        long observedNanos,
        long downNanos,
        @Nullable Double mtbfNanos,
        @Nullable Double mttrNanos,
        double availability,
        @Nullable Figures without,
        @Nullable Figures recovery,
        @Nullable Figures detection,
        @Nullable Figures newLeader,
        @Nullable Figures redundancy) {
    /** The name of the time without faults. */
    public static final String QUIET = "no fault";

    /** The name of the sum of all rows. */
    public static final String EVERYTHING = "all";

    private static final double DAY_NANOS = 86_400e9;

    /**
     * The table of some runs: a row per kind of fault, the kind with most samples first, then the time without faults, then the sum. Runs that
     * are void do not count. Without any probe there is no row.
     */
    public static List<Availability> table(List<RunMeasure> runs, View view, String kind) {
        Map<String, List<Cycle>> byFaults = new TreeMap<>();
        List<Cycle> all = new ArrayList<>();
        for (RunMeasure run : runs) {
            for (Cycle cycle : run.cycles()) {
                if (!run.isVoid() && cycle.view() == view && cycle.kind().equals(kind)) {
                    byFaults.computeIfAbsent(cycle.isQuiet() ? QUIET : cycle.faults(), faults -> new ArrayList<>())
                            .add(cycle);
                    all.add(cycle);
                }
            }
        }
        List<Cycle> quiet = byFaults.remove(QUIET);
        List<Availability> rows = new ArrayList<>();
        byFaults.forEach((faults, cycles) -> rows.add(of(faults, view, kind, cycles)));
        rows.sort(Comparator.comparingInt((Availability row) -> -row.samples).thenComparing(Availability::faults));
        if (quiet != null) {
            rows.add(of(QUIET, view, kind, quiet));
        }
        if (!all.isEmpty()) {
            rows.add(of(EVERYTHING, view, kind, all));
        }
        return rows;
    }

    private static Availability of(String faults, View view, String kind, List<Cycle> cycles) {
        List<Cycle> counting =
                cycles.stream().filter(cycle -> cycle.whyVoid().isEmpty()).toList();
        List<Cycle> samples =
                counting.stream().filter(cycle -> !cycle.isQuiet()).toList();
        List<Window> windows =
                counting.stream().flatMap(cycle -> cycle.windows().stream()).toList();
        long observed = counting.stream().mapToLong(Cycle::observedNanos).sum();
        long down = windows.stream().mapToLong(Window::lengthNanos).sum();
        int outages = windows.size();
        return new Availability(
                faults,
                view,
                kind,
                samples.size(),
                cycles.size() - counting.size(),
                outages,
                (int) windows.stream().filter(window -> !window.isOver()).count(),
                observed,
                down,
                outages == 0 ? null : (double) (observed - down) / outages,
                outages == 0 ? null : (double) down / outages,
                observed == 0 ? 1 : (double) (observed - down) / observed,
                Figures.of(samples.stream().map(Cycle::downNanos).toList()),
                figures(samples, Cycle::recoveryNanos),
                figures(samples, Cycle::detectionNanos),
                figures(samples, Cycle::newLeaderNanos),
                figures(samples, Cycle::redundancyNanos));
    }

    private static @Nullable Figures figures(List<Cycle> cycles, Function<Cycle, @Nullable Long> time) {
        List<Long> known = new ArrayList<>();
        for (Cycle cycle : cycles) {
            Long value = time.apply(cycle);
            if (value != null) {
                known.add(value);
            }
        }
        return Figures.of(known);
    }

    /**
     * What the availability would be if this struck once a day and nothing else did: a day less the mean time without service of a sample.
     * Null for the time without faults and the sum, and without samples.
     */
    public @Nullable Double atOneADay() {
        boolean isOfAKind = samples > 0 && !faults.equals(EVERYTHING);
        return isOfAKind ? Math.max(0, 1 - (double) downNanos / samples / DAY_NANOS) : null;
    }
}

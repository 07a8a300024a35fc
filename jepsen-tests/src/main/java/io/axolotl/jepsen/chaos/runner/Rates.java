package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Whether a run had enough traffic to show anything: before the first fault, while faults were there that leave a majority, and after
 * the last. A run that had not is void, not green. Immutable.
 *
 * @param beganNanos since when the workload was at full speed; like all times since the start of the run
 * @param healedNanos when everything was whole again and served
 * @param stoppedNanos when the workload stopped
 */
record Rates(long beganNanos, long healedNanos, long stoppedNanos) {
    /** Of what was answered before, after the faults. */
    static final double LEAST_SHARE_AFTER = 0.5;

    /** Of what was answered before, while faults are there: elections take their time, and clients are at the member that is hurt. */
    static final double LEAST_SHARE_HURT = 0.05;

    private static final String JUDGE = "traffic";
    private static final double SECOND = 1e9;

    private record Span(long from, long to) {
        double seconds() {
            return (to - from) / SECOND;
        }
    }

    /**
     * Judges them.
     *
     * @param offered calls per second that the workload was asked for
     * @param reachableShare of those, that a whole cluster answers at least
     */
    Verdict judge(List<Call> calls, List<FaultWindow> faults, double offered, double reachableShare) {
        if (faults.isEmpty()) {
            return new Verdict(JUDGE, Verdict.Kind.VOID, "no fault was played", List.of());
        }
        long first = faults.stream().mapToLong(FaultWindow::injectedNanos).min().orElse(0);
        List<String> lacking = new ArrayList<>();
        List<String> figures = new ArrayList<>();
        Span whole = new Span(beganNanos, first);
        double before = rate(calls, List.of(whole));
        note("before", before, offered * reachableShare, figures, lacking);
        List<Span> hurt = hurtWithQuorum(faults);
        if (hurt.stream().mapToDouble(Span::seconds).sum() > 1) {
            note("during", rate(calls, hurt), before * LEAST_SHARE_HURT, figures, lacking);
        }
        double after = rate(calls, List.of(new Span(healedNanos, stoppedNanos)));
        note("after", after, Math.max(before, offered * reachableShare) * LEAST_SHARE_AFTER, figures, lacking);
        return new Verdict(
                JUDGE,
                lacking.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.VOID,
                String.format(Locale.ROOT, "of %.0f calls a second ", offered) + String.join(", ", figures)
                        + " were answered",
                lacking);
    }

    private static void note(String when, double rate, double least, List<String> figures, List<String> lacking) {
        figures.add(String.format(Locale.ROOT, "%.0f %s", rate, when));
        if (rate < least || rate <= 0) {
            lacking.add(String.format(
                    Locale.ROOT,
                    "%s the faults %.1f calls a second were answered, %.1f are needed",
                    when,
                    rate,
                    least));
        }
    }

    private static double rate(List<Call> calls, List<Span> spans) {
        double seconds = spans.stream().mapToDouble(Span::seconds).sum();
        long done = calls.stream()
                .filter(call -> call.outcome() == Outcome.DONE
                        && spans.stream()
                                .anyMatch(span -> call.returnedNanos() >= span.from && call.returnedNanos() < span.to))
                .count();
        return seconds <= 0 ? 0 : done / seconds;
    }

    /** The times in which a fault was there and none that leaves no majority, apart from each other. */
    private List<Span> hurtWithQuorum(List<FaultWindow> faults) {
        TreeSet<Long> edges = new TreeSet<>();
        faults.forEach(fault -> edges.addAll(List.of(span(fault).from, span(fault).to)));
        List<Span> spans = new ArrayList<>();
        Long from = null;
        for (long to : edges) {
            if (from != null && isHurtWithQuorum(faults, from)) {
                spans.add(new Span(from, to));
            }
            from = to;
        }
        return spans;
    }

    private boolean isHurtWithQuorum(List<FaultWindow> faults, long at) {
        List<FaultWindow> there = faults.stream()
                .filter(fault -> span(fault).from <= at && at < span(fault).to)
                .toList();
        return !there.isEmpty()
                && there.stream().allMatch(fault -> Faults.named(fault.id()).keepsQuorum());
    }

    /** A fault that was not undone lasted until everything was made whole. */
    private Span span(FaultWindow fault) {
        long healed = fault.healedNanos() == 0 ? Math.max(healedNanos, fault.injectedNanos()) : fault.healedNanos();
        return new Span(fault.injectedNanos(), healed);
    }
}

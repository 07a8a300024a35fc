package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.FaultWindow;
import io.axolotl.jepsen.chaos.Outcome;
import io.axolotl.jepsen.chaos.Verdict;
import io.axolotl.jepsen.chaos.nemesis.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether a run had enough traffic to show anything: before the first fault, while faults were there that leave a majority, and after
 * the last. A run that had not is void, not green. Immutable.
 *
 * @param beganNanos since when the workload was at full speed; like all times since the start of the run
 * @param healedNanos when everything was whole again and served
 * @param stoppedNanos when the workload stopped
 */
record Rates(long beganNanos, long healedNanos, long stoppedNanos) {
    /** Of what was offered. */
    static final double LEAST_SHARE_WHOLE = 0.5;

    /** Elections take their time, and a third of the clients is at the member that is hurt. */
    static final double LEAST_SHARE_HURT = 0.05;

    private static final String JUDGE = "traffic";
    private static final double SECOND = 1e9;

    private record Span(long from, long to) {
        double seconds() {
            return (to - from) / SECOND;
        }
    }

    /** @param offered calls per second that the workload was asked for */
    Verdict judge(List<Call> calls, List<FaultWindow> faults, double offered) {
        if (faults.isEmpty()) {
            return new Verdict(JUDGE, Verdict.Kind.VOID, "no fault was played", List.of());
        }
        long first = faults.stream().mapToLong(FaultWindow::injectedNanos).min().orElse(0);
        List<String> lacking = new ArrayList<>();
        List<String> figures = new ArrayList<>();
        require("before", new Span(beganNanos, first), calls, offered * LEAST_SHARE_WHOLE, figures, lacking);
        Span during = new Span(first, healedNanos);
        double hurtSeconds = during.seconds() - withoutQuorum(faults, during);
        if (hurtSeconds > 1) {
            double rate = done(calls, during) / hurtSeconds;
            note("during", rate, offered * LEAST_SHARE_HURT, figures, lacking);
        }
        require("after", new Span(healedNanos, stoppedNanos), calls, offered * LEAST_SHARE_WHOLE, figures, lacking);
        return new Verdict(
                JUDGE,
                lacking.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.VOID,
                String.format(Locale.ROOT, "of %.0f calls a second ", offered) + String.join(", ", figures)
                        + " were answered",
                lacking);
    }

    private static void require(
            String when, Span span, List<Call> calls, double least, List<String> figures, List<String> lacking) {
        double rate = span.seconds() <= 0 ? 0 : done(calls, span) / span.seconds();
        note(when, rate, least, figures, lacking);
    }

    private static void note(String when, double rate, double least, List<String> figures, List<String> lacking) {
        figures.add(String.format(Locale.ROOT, "%.0f %s", rate, when));
        if (rate < least) {
            lacking.add(String.format(
                    Locale.ROOT,
                    "%s the faults %.1f calls a second were answered, %.1f are needed",
                    when,
                    rate,
                    least));
        }
    }

    private static long done(List<Call> calls, Span span) {
        return calls.stream()
                .filter(call -> call.outcome() == Outcome.DONE
                        && call.returnedNanos() >= span.from
                        && call.returnedNanos() < span.to)
                .count();
    }

    /** Seconds in which no majority could be expected. */
    private static double withoutQuorum(List<FaultWindow> faults, Span within) {
        List<Span> spans = faults.stream()
                .filter(fault -> !Faults.named(fault.id()).keepsQuorum())
                .map(fault -> new Span(
                        Math.max(within.from, fault.injectedNanos()),
                        Math.min(within.to, fault.healedNanos() == 0 ? within.to : fault.healedNanos())))
                .filter(span -> span.to > span.from)
                .sorted(java.util.Comparator.comparingLong(Span::from))
                .toList();
        double seconds = 0;
        long end = within.from;
        for (Span span : spans) {
            long from = Math.max(end, span.from);
            if (span.to > from) {
                seconds += new Span(from, span.to).seconds();
                end = span.to;
            }
        }
        return seconds;
    }
}

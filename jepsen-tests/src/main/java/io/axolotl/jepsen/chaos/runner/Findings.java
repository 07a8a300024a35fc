package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Verdicts as they are found. Whoever cannot say one says that: nothing that breaks on the way loses what was found before, or keeps
 * the rest from being asked. Confined to one thread.
 */
final class Findings {
    private final List<Verdict> verdicts = new ArrayList<>();

    void add(Verdict verdict) {
        verdicts.add(verdict);
    }

    /** Adds what is found, or that it could not be. */
    Verdict ask(String judge, Supplier<Verdict> question) {
        Verdict verdict;
        try {
            verdict = question.get();
        } catch (RuntimeException e) {
            verdict = broken(judge, Verdict.Kind.UNDECIDED, judge + " could not be asked for", e);
        }
        verdicts.add(verdict);
        return verdict;
    }

    /** The same for several at once. */
    void askAll(String judge, Supplier<List<Verdict>> question) {
        try {
            verdicts.addAll(question.get());
        } catch (RuntimeException e) {
            verdicts.add(broken(judge, Verdict.Kind.UNDECIDED, judge + " broke", e));
        }
    }

    /**
     * Does something that has to go well.
     *
     * @param what completes the sentence "there was no …"
     * @param otherwise what it means if it does not
     */
    void attempt(String judge, String what, Verdict.Kind otherwise, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            verdicts.add(broken(judge, otherwise, "there was no " + what, e));
        }
    }

    private static Verdict broken(String judge, Verdict.Kind kind, String summary, RuntimeException e) {
        List<String> evidence = new ArrayList<>(List.of(e.toString()));
        StackTraceElement[] stack = e.getStackTrace();
        for (int i = 0; i < Math.min(3, stack.length); i++) {
            evidence.add("at " + stack[i]);
        }
        return new Verdict(judge, kind, summary, evidence);
    }

    /**
     * All of them. If the machine had no time for the cluster, what came too late is nobody's fault.
     */
    List<Verdict> verdicts() {
        boolean isExcused = verdicts.stream()
                .anyMatch(
                        verdict -> verdict.judge().equals(MachineWatch.JUDGE) && verdict.kind() != Verdict.Kind.VALID);
        return verdicts.stream()
                .map(verdict -> isExcused && isOfTime(verdict) ? EndChecks.excused(verdict) : verdict)
                .toList();
    }

    private static boolean isOfTime(Verdict verdict) {
        return verdict.judge().equals("liveness") || verdict.judge().equals("last reads");
    }
}

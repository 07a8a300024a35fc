package io.axolotl.jepsen.chaos.runner;

import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;
import java.util.Locale;

/** What verdicts come to for whoever called the program. */
final class ExitCodes {
    /** Nothing is wrong. */
    static final int VALID = 0;
    /** It could not be done. */
    static final int FAILED = 1;
    /** Something is wrong. */
    static final int VIOLATED = 2;
    /** It shows nothing, one way or the other. */
    static final int VOID = 3;

    private ExitCodes() {}

    static int of(List<Verdict> verdicts) {
        if (verdicts.stream().anyMatch(Verdict::isViolated)) {
            return VIOLATED;
        }
        return verdicts.stream().allMatch(verdict -> verdict.kind() == Verdict.Kind.VALID) ? VALID : VOID;
    }

    /** A line for each, and what shows it below. */
    static String describe(List<Verdict> verdicts) {
        StringBuilder text = new StringBuilder();
        for (Verdict verdict : verdicts) {
            text.append(String.format(
                    Locale.ROOT, "  %-9s %-16s %s%n", verdict.kind(), verdict.judge(), verdict.summary()));
            verdict.evidence()
                    .forEach(line -> text.append("              ")
                            .append(line.replace("\n", "\n              "))
                            .append(System.lineSeparator()));
        }
        return text.toString();
    }
}

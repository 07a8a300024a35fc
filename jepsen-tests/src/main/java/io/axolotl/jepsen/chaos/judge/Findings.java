package io.axolotl.jepsen.chaos.judge;

import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.List;

/** What a judge has found so far. Confined to one thread. */
final class Findings {
    /** So many are told in words; all are counted. */
    private static final int MOST = 10;

    private final String judge;
    private final List<String> evidence = new ArrayList<>();
    private long count;

    Findings(String judge) {
        this.judge = judge;
    }

    /**
     * Something is wrong.
     *
     * @param what one line
     * @param shownBy what shows it, a line each
     */
    void add(String what, Object... shownBy) {
        count++;
        if (count <= MOST) {
            evidence.add(what);
            for (Object each : shownBy) {
                evidence.add("    " + each);
            }
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * The verdict.
     *
     * @param judged how many things were looked at; with none there is nothing to say
     * @param summary of a history in which nothing is wrong
     */
    Verdict verdict(long judged, String summary) {
        if (count > 0) {
            return new Verdict(
                    judge,
                    Verdict.Kind.VIOLATED,
                    count + (count == 1 ? " violation; " : " violations; ") + evidence.get(0),
                    evidence);
        }
        if (judged == 0) {
            return new Verdict(judge, Verdict.Kind.VOID, "there is nothing to judge", List.of());
        }
        return new Verdict(judge, Verdict.Kind.VALID, summary, List.of());
    }
}

package io.axolotl.jepsen.chaos;

import java.util.List;

/**
 * What a judge says. Immutable.
 *
 * @param judge its name
 * @param summary one sentence, with figures
 * @param evidence if it is violated, what shows it, in lines for people; the first few things if there are many
 */
public record Verdict(String judge, Kind kind, String summary, List<String> evidence) {
    /** The answers. */
    public enum Kind {
        VALID,
        VIOLATED,
        /** The judge gave up: a statement about the judge. */
        UNDECIDED,
        /** The history holds too little to be judged. */
        VOID
    }

    public Verdict {
        evidence = List.copyOf(evidence);
    }

    public boolean isViolated() {
        return kind == Kind.VIOLATED;
    }
}

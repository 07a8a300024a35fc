package io.axolotl.jepsen.chaos.nemesis;

import io.axolotl.jepsen.chaos.Verdict;
import java.util.ArrayList;
import java.util.List;

/** Which faults of a run were felt. One that was not, although it was there, leaves a run undecided: it shows less than it seems to. Safe for all threads. */
public final class Teeth {
    private static final String JUDGE = "faults felt";

    private final List<String> unfelt = new ArrayList<>();
    private int felt;
    private int hidden;

    /**
     * A fault is about to be undone.
     *
     * @param what it was, in words for people
     * @return what is to be added to its description
     */
    synchronized String note(String what, Effect.Seen seen) {
        switch (seen) {
            case YES -> {
                felt++;
                return ", felt";
            }
            case NOT_YET -> {
                unfelt.add(what + " was not felt");
                return ", NOT felt";
            }
            case HIDDEN -> hidden++;
        }
        return "";
    }

    public synchronized Verdict verdict() {
        return new Verdict(
                JUDGE,
                unfelt.isEmpty() ? Verdict.Kind.VALID : Verdict.Kind.UNDECIDED,
                felt + " of the " + (felt + unfelt.size()) + " faults that could be looked at were felt, " + hidden
                        + " could not be looked at",
                unfelt);
    }
}

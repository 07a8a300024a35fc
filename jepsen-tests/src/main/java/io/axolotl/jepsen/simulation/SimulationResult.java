package io.axolotl.jepsen.simulation;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * What one seed came to. Immutable.
 *
 * @param traceHash equal for equal seeds
 * @param events of the simulation's queue
 * @param virtualNanos how long the cluster has lived
 * @param done operations that clients were told to be done
 * @param unknown operations of which clients were told nothing
 * @param refused operations that certainly never happened
 * @param violation what broke, or null
 * @param lastLines the end of the trace
 * @param trim what was taken away from the seed's world
 * @param faultsSeen the numbers of the faults that happened
 * @param founders how many nodes the cluster began with
 */
record SimulationResult(
        long seed,
        PlantedBug bug,
        long traceHash,
        long events,
        long virtualNanos,
        long done,
        long unknown,
        long refused,
        Marks marks,
        @Nullable InvariantViolation violation,
        List<String> lastLines,
        String settings,
        Trim trim,
        NavigableSet<Integer> faultsSeen,
        int founders,
        int clients) {

    boolean isPassed() {
        return violation == null;
    }

    /** A failure in one line, without its story. */
    String headline() {
        return violation == null
                ? "seed " + seed + " passed"
                : "seed " + seed + " broke " + violation.getMessage() + "; replay: " + replay();
    }

    private String replay() {
        return "./axolotl simulate --seed " + seed + ' ' + trim.options()
                + (bug == PlantedBug.NONE ? "" : " --planted-bug " + bug);
    }

    /** The story of a failure: what broke, how it came to that, and how to see it again. */
    String report() {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed);
        if (violation == null) {
            return text.append(" passed").toString();
        }
        text.append(" broke ").append(violation.getMessage()).append('\n');
        text.append("settings: ").append(settings).append('\n');
        text.append("the last lines of the trace (virtual ms, node, event, details):\n");
        lastLines.forEach(line -> text.append("  ").append(line).append('\n'));
        if (violation.getCause() != null) {
            StringWriter trace = new StringWriter();
            violation.getCause().printStackTrace(new PrintWriter(trace));
            text.append(trace);
        }
        text.append("at commit ").append(Revision.ofThisBuild()).append('\n');
        text.append("replay: ").append(replay());
        return text.append('\n').toString();
    }
}

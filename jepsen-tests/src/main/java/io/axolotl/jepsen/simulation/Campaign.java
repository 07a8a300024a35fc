package io.axolotl.jepsen.simulation;

import java.util.Map;

/**
 * Sums up many seeds.
 *
 * <p>Confined to one thread.
 */
final class Campaign {
    private final Marks marks = new Marks();
    private long seeds;
    private long failures;
    private long virtualNanos;
    private long events;
    private long done;
    private long unknown;
    private long refused;

    void add(SimulationResult result) {
        seeds++;
        failures += result.isPassed() ? 0 : 1;
        virtualNanos += result.virtualNanos();
        events += result.events();
        done += result.done();
        unknown += result.unknown();
        refused += result.refused();
        marks.add(result.marks());
    }

    long seeds() {
        return seeds;
    }

    long failures() {
        return failures;
    }

    Marks marks() {
        return marks;
    }

    /** @param wallNanos how long it all took */
    String summary(long wallNanos) {
        double wallSeconds = wallNanos / 1e9;
        double virtualSeconds = virtualNanos / 1e9;
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                "%d seeds, %d failed, %.1f simulated hours, %d events, operations: %d done, %d unknown, %d refused%n",
                seeds, failures, virtualSeconds / 3600, events, done, unknown, refused));
        text.append(String.format(
                "%.1f s of wall time: %.1f seeds/s, %.0f simulated seconds per second, %.0f events/s%n",
                wallSeconds, seeds / wallSeconds, virtualSeconds / wallSeconds, events / wallSeconds));
        for (Map.Entry<String, Long> mark : marks.counts().entrySet()) {
            text.append(String.format("  %-48s %d%n", mark.getKey(), mark.getValue()));
        }
        return text.toString();
    }
}

package io.axolotl.jepsen.simulation;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs many seeds, on as many threads as it is given, and sums them up. Each seed is alone on its thread.
 *
 * <p>{@link #add} and what reads the sums are safe for all threads.
 */
final class Campaign {
    /** Which seeds, and how. */
    record Plan(long first, long seeds, PlantedBug bug, Trim trim, int threads, long mostWallNanos) {}

    private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Marks marks = new Marks();
    private final List<IllegalStateException> brokenWorlds = new ArrayList<>();
    private final Map<String, Long> seedsByMark = new TreeMap<>();
    private long seeds;
    private long failures;
    private long virtualNanos;
    private long events;
    private long done;
    private long unknown;
    private long refused;
    private long wallNanos;
    private long processorNanos;
    private long toldNanos;

    /** Who is told on the way, one at a time. */
    interface Listener {
        void failed(SimulationResult failure);

        /** Every minute: what it came to so far, in one line. */
        default void cameSoFar(String sums) {}
    }

    static Campaign run(Plan plan, Listener listener) {
        Campaign campaign = new Campaign();
        long startNanos = System.nanoTime();
        campaign.toldNanos = startNanos;
        AtomicLong next = new AtomicLong(plan.first);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < plan.threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        long seed = next.getAndIncrement();
                        while (seed < plan.first + plan.seeds && System.nanoTime() - startNanos < plan.mostWallNanos) {
                            campaign.play(seed, plan, listener);
                            seed = next.getAndIncrement();
                        }
                        campaign.spent(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
                    },
                    "seeds-" + i);
            threads.add(thread);
            thread.start();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        campaign.wallNanos = System.nanoTime() - startNanos;
        return campaign;
    }

    private void play(long seed, Plan plan, Listener listener) {
        SimulationResult result;
        try {
            result = new Simulation(seed, plan.bug, plan.trim, null).run();
        } catch (RuntimeException | Error e) {
            broken(new IllegalStateException("the world of seed " + seed + " could not be made, or not be ended", e));
            return;
        }
        add(result, listener);
    }

    private synchronized void broken(IllegalStateException world) {
        brokenWorlds.add(world);
    }

    /** Worlds of which nothing else is known. */
    synchronized List<IllegalStateException> brokenWorlds() {
        return List.copyOf(brokenWorlds);
    }

    private synchronized void spent(long nanos) {
        processorNanos += nanos;
    }

    private synchronized void add(SimulationResult result, Listener listener) {
        seeds++;
        failures += result.isPassed() ? 0 : 1;
        virtualNanos += result.virtualNanos();
        events += result.events();
        done += result.done();
        unknown += result.unknown();
        refused += result.refused();
        marks.add(result.marks());
        result.marks().counts().keySet().forEach(mark -> seedsByMark.merge(mark, 1L, Long::sum));
        if (!result.isPassed()) {
            listener.failed(result);
        }
        long nowNanos = System.nanoTime();
        if (nowNanos - toldNanos >= TELL_NANOS) {
            toldNanos = nowNanos;
            listener.cameSoFar("so far " + sums());
        }
    }

    private String sums() {
        return String.format(
                "%d seeds, %d failed, %.1f simulated hours, %d events, operations: %d done, %d unknown, %d refused",
                seeds, failures, virtualNanos / 1e9 / 3600, events, done, unknown, refused);
    }

    synchronized long seeds() {
        return seeds;
    }

    synchronized long failures() {
        return failures;
    }

    synchronized Marks marks() {
        Marks copy = new Marks();
        copy.add(marks);
        return copy;
    }

    /** What it came to, and which marks were reached how often and in how many seeds. */
    synchronized String summary() {
        double wallSeconds = wallNanos / 1e9;
        double virtualSeconds = virtualNanos / 1e9;
        StringBuilder text = new StringBuilder();
        text.append(sums()).append(System.lineSeparator());
        text.append(String.format(
                "%.1f s of wall time: %.1f seeds/s, %.0f simulated seconds per second, %.0f events/s; %.1f s of processor"
                        + " time: %.3f s per seed%n",
                wallSeconds,
                seeds / wallSeconds,
                virtualSeconds / wallSeconds,
                events / wallSeconds,
                processorNanos / 1e9,
                processorNanos / 1e9 / Math.max(1, seeds)));
        text.append(String.format("  %-56s %12s %8s%n", "mark", "reached", "in seeds"));
        for (Map.Entry<String, Long> mark : marks.counts().entrySet()) {
            text.append(String.format(
                    "  %-56s %12d %8d%n", mark.getKey(), mark.getValue(), seedsByMark.getOrDefault(mark.getKey(), 0L)));
        }
        List<String> missing = CoverageMarks.notReached(marks);
        text.append(String.format(
                "%d of %d coverage marks were reached%s%n",
                CoverageMarks.required().size() - missing.size(),
                CoverageMarks.required().size(),
                missing.isEmpty() ? "" : "; not: " + String.join(", ", missing)));
        return text.toString();
    }
}

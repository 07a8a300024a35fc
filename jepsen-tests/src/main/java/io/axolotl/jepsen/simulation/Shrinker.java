package io.axolotl.jepsen.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Makes a failure small: fewer faults, a shorter world, fewer nodes, fewer clients, as long as the same promise is broken. What
 * is left out changes nothing in what the seed draws for the rest, so most steps of the story stay.
 *
 * <p>Confined to one thread.
 */
final class Shrinker {
    private final long seed;
    private final PlantedBug bug;
    private final int mostTries;
    private SimulationResult smallest;
    private Trim trim;
    private int tries;

    /**
     * @param failure what to make small
     * @param mostTries worlds that may be run for it
     */
    Shrinker(SimulationResult failure, Trim trim, int mostTries) {
        this.seed = failure.seed();
        this.bug = failure.bug();
        this.smallest = failure;
        this.trim = trim;
        this.mostTries = mostTries;
    }

    /** The smallest failure that was found; of the same rule as the one that was given. */
    SimulationResult shrink() {
        InvariantViolation violation = smallest.violation();
        if (violation == null) {
            return smallest;
        }
        String rule = violation.rule();
        tryIt(trim.withFaults(smallest.faultsSeen()), rule);
        shorten(rule);
        withoutFaults(rule);
        while (smallest.founders() > 1 && tryIt(trim.withFounders(smallest.founders() - 1), rule)) {
            // One node less each time.
        }
        for (int clients = 1; clients < smallest.clients(); clients *= 2) {
            if (tryIt(trim.withClients(clients), rule)) {
                break;
            }
        }
        withoutFaults(rule);
        shorten(rule);
        return smallest;
    }

    int tries() {
        return tries;
    }

    private void shorten(String rule) {
        tryIt(trim.withSeconds(smallest.virtualNanos() / SimulationSettings.SECONDS + 1), rule);
    }

    /** Leaves out runs of faults, from large ones down to single ones. */
    private void withoutFaults(String rule) {
        for (int length = Math.max(1, smallest.faultsSeen().size() / 2); length >= 1; length /= 2) {
            int at = 0;
            while (at < smallest.faultsSeen().size() && tries < mostTries) {
                List<Integer> all = new ArrayList<>(smallest.faultsSeen());
                NavigableSet<Integer> kept = new TreeSet<>(all);
                kept.removeAll(all.subList(at, Math.min(at + length, all.size())));
                if (!tryIt(trim.withFaults(kept), rule)) {
                    at += length;
                }
            }
        }
    }

    private boolean tryIt(Trim other, String rule) {
        if (tries >= mostTries || other.equals(trim)) {
            return false;
        }
        tries++;
        SimulationResult result = new Simulation(seed, bug, other, null).run();
        InvariantViolation violation = result.violation();
        if (violation == null || !violation.rule().equals(rule)) {
            return false;
        }
        smallest = result;
        trim = other;
        return true;
    }
}

package io.axolotl.server.auth;

import java.util.HashMap;
import java.util.Map;

/**
 * A bounded number of places to wait in, and who holds how many of them. Who comes from one address gets at most a third of what is
 * free then: one alone comes to a quarter of all, n come to 1 / (n + 3) each, and there is a place for who holds none.
 *
 * <p>Safe for all threads.
 */
final class WaitingPlaces {
    /** Of what is free, what one may hold. */
    private static final int SHARE = 3;

    private final int max;

    /** Guarded by this, as the next one is. */
    private final Map<String, Integer> held = new HashMap<>();

    private int taken;

    WaitingPlaces(int max) {
        this.max = max;
    }

    /** Takes a place, or returns false; to be given back once. */
    synchronized boolean take(String from) {
        int free = max - taken;
        int mine = held.getOrDefault(from, 0);
        if (free == 0 || (mine > 0 && mine >= free / SHARE)) {
            return false;
        }
        taken++;
        held.put(from, mine + 1);
        return true;
    }

    synchronized void giveBack(String from) {
        taken--;
        held.computeIfPresent(from, (key, mine) -> mine == 1 ? null : mine - 1);
    }
}

package io.axolotl.jepsen.differential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Leaves out of an episode what a difference does not need: halves, then quarters, down to single steps, again and again until
 * nothing can go (Zeller's delta debugging, without its complements). Each try is played on the servers. Confined to one thread.
 */
final class Shrinker {
    /** Ends the search on a difference that comes and goes. */
    private static final int MAX_TRIES = 400;
    /** Most tries wait for an event that does not come. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Trial trial;

    Shrinker(Trial trial) {
        this.trial = trial;
    }

    /** The smallest episode found that still shows a difference, perhaps another one. */
    Disagreement shrink(Disagreement found) {
        Disagreement smallest = found;
        int tries = 0;
        int size = Math.max(1, found.steps().size() / 2);
        while (tries < MAX_TRIES) {
            boolean isSmaller = false;
            int from = 0;
            while (from < smallest.steps().size() && tries < MAX_TRIES) {
                List<Step> rest = new ArrayList<>(smallest.steps());
                rest.subList(from, Math.min(rest.size(), from + size)).clear();
                tries++;
                Optional<Disagreement> still = rest.isEmpty() ? Optional.empty() : trial.play(rest, PATIENCE);
                if (still.isPresent()) {
                    smallest = still.get();
                    isSmaller = true;
                } else {
                    from += size;
                }
            }
            if (!isSmaller && size == 1) {
                return smallest;
            }
            if (!isSmaller || size > smallest.steps().size()) {
                size = Math.max(1, size / 2);
            }
        }
        return smallest;
    }
}

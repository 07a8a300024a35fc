package io.axolotl.jepsen.differential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Episodes drawn from one seed, played until a number of calls was made. Confined to one thread. */
final class Differential {
    /** Longer ones meet more, and take longer to shrink. */
    static final int EPISODE_CALLS = 100;
    /** One difference may hide behind another; many are one and the same. */
    private static final int MAX_DIFFERENCES = 5;

    /** On the slowest machine. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Trial trial;
    private final Set<Feature> features;
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<String> differences = new ArrayList<>();
    private long calls;

    Differential(Side one, Side other, Set<Feature> features) {
        this.trial = new Trial(one, other, (step, answer) -> {
            calls++;
            counts.merge(Kinds.of(step) + (answer.isOk() ? "" : " refused: " + answer.text()), 1L, Long::sum);
        });
        this.features = Set.copyOf(features);
    }

    /**
     * Plays at least this many calls, unless too many differences are found before.
     *
     * @param shrinking is told of a difference before it is made small, which may take minutes
     */
    void run(long seed, long atLeast, Consumer<String> shrinking) {
        for (int episode = 0; calls < atLeast && differences.size() < MAX_DIFFERENCES; episode++) {
            Optional<Disagreement> found = trial.play(Episode.draw(seed, episode, EPISODE_CALLS, features), PATIENCE);
            if (found.isPresent()) {
                shrinking.accept("seed " + seed + ", episode " + episode + ": "
                        + String.join("; ", found.get().answers()));
                Disagreement smallest = new Shrinker(trial).shrink(found.get());
                differences.add("seed " + seed + ", episode " + episode + ", as small as could be found:\n"
                        + smallest.report());
            }
        }
    }

    /** Calls on whose answers both agreed. */
    long calls() {
        return calls;
    }

    /** By kind and refusal. */
    Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    /** What differed, in words. */
    List<String> differences() {
        return List.copyOf(differences);
    }
}

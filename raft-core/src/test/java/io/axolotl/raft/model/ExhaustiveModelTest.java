package io.axolotl.raft.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Raft Figure 3, read freshness and I16 in every state that small clusters can reach in so many events. */
class ExhaustiveModelTest {
    /** How many events further than usual. */
    private static final int DEEPER = Integer.getInteger("axolotl.model.deeper", 0);

    private static final long FEWEST_STATES = 50_000;

    private static final String ONLY = System.getProperty("axolotl.model.only", "");

    private static final Map<String, Integer> DEPTHS = Map.ofEntries(
            Map.entry("election", 10),
            Map.entry("pre-vote", 12),
            Map.entry("replication", 7),
            Map.entry("figure8", 7),
            Map.entry("reconfiguration", 9),
            Map.entry("joint", 7),
            Map.entry("leader-leaves", 7),
            Map.entry("read-index", 7),
            Map.entry("stale-leader", 6),
            Map.entry("elected-again", 10),
            Map.entry("slow-disk", 8));

    static Stream<Model> models() {
        List<String> only = Arrays.asList(ONLY.split(","));
        return Models.all().stream().filter(model -> ONLY.isEmpty() || only.contains(model.name()));
    }

    private static int depth(Model model) {
        Integer depth = DEPTHS.get(model.name());
        if (depth == null) {
            throw new AssertionError("how deep is " + model.name() + " to be searched?");
        }
        return depth + DEEPER;
    }

    @ParameterizedTest
    @MethodSource("models")
    @DisplayName("every state of a small cluster keeps I1, I2, I3, I16 and fresh reads (I5)")
    void everyStateIsSafe(Model model) {
        long startNanos = System.nanoTime();
        Explorer.Outcome outcome = new Explorer(model, ModelBug.NONE).explore(depth(model), 100_000_000);
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "model %s: depth %d%s, %,d states, %,d events, %,d states of one node, %.1f s, %,.0f states/s%n",
                model.name(),
                outcome.depth(),
                outcome.isExhausted() ? " (all there is)" : "",
                outcome.states(),
                outcome.transitions(),
                outcome.nodeStates(),
                seconds,
                outcome.states() / seconds);
        assertThat(outcome.broken()).as(String.join("\n", outcome.story())).isNull();
        if (!outcome.isExhausted()) {
            assertThat(outcome.depth()).isEqualTo(depth(model));
        }
        assertThat(outcome.states())
                .as("states: with fewer, something that is to happen has ceased to")
                .isGreaterThan(FEWEST_STATES);
    }
}

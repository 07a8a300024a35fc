package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("D14: one seed, one world")
class DeterminismTest {
    private static final int SEEDS = 12;

    @Test
    void sameSeedGivesTheSameTrace() {
        for (long seed = 500; seed < 500 + SEEDS; seed++) {
            SimulationResult first = new Simulation(seed, PlantedBug.NONE, 10, null).run();
            SimulationResult second = new Simulation(seed, PlantedBug.NONE, 10, null).run();
            assertThat(second.traceHash()).as("trace hash of seed %d", seed).isEqualTo(first.traceHash());
            assertThat(second.events()).as("events of seed %d", seed).isEqualTo(first.events());
            assertThat(second.marks().counts())
                    .as("marks of seed %d", seed)
                    .isEqualTo(first.marks().counts());
        }
    }

    @Test
    void otherSeedsGiveOtherTraces() {
        Set<Long> hashes = new HashSet<>();
        for (long seed = 500; seed < 500 + SEEDS; seed++) {
            hashes.add(new Simulation(seed, PlantedBug.NONE, 2, null).run().traceHash());
        }
        assertThat(hashes).hasSize(SEEDS);
    }

    @Test
    void aFailureIsReplayedToTheSameViolation() {
        Detection found = Detection.hunt(PlantedBug.SKIP_WAL_SYNC, 1, 20, 10);
        long seed = found.seeds();
        SimulationResult first = new Simulation(seed, PlantedBug.SKIP_WAL_SYNC, 10, null).run();
        SimulationResult second = new Simulation(seed, PlantedBug.SKIP_WAL_SYNC, 10, null).run();
        assertThat(first.report())
                .isEqualTo(second.report())
                .contains("replay: ./axolotl simulate --seed " + seed)
                .contains("--planted-bug SKIP_WAL_SYNC");
    }
}

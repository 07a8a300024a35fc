package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    @DisplayName("D14: another process tells the same of a seed, so what a report says to type shows what it reports")
    void anotherProcessSeesTheSameWorld() throws IOException, InterruptedException {
        SimulationResult here = new Simulation(504, PlantedBug.NONE, 10, null).run();
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulateMain.class.getName(),
                        "--seed",
                        "504",
                        "--seconds",
                        "10")
                .redirectErrorStream(true)
                .start();
        String told = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(other.waitFor()).as(told).isZero();
        assertThat(told).contains("trace hash %016x after %d events".formatted(here.traceHash(), here.events()));
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

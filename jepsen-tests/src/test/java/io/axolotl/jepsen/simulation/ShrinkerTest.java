package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A failure is made small by itself")
class ShrinkerTest {
    private static final Trim WHOLE = Trim.of(20);

    private static SimulationResult failure(PlantedBug bug) {
        return failure(bug, WHOLE, 4);
    }

    private static SimulationResult failure(PlantedBug bug, Trim trim, int leastFaults) {
        for (long seed = 1; seed <= bug.maxSeeds(); seed++) {
            SimulationResult result = new Simulation(seed, bug, trim, null).run();
            if (!result.isPassed() && result.faultsSeen().size() >= leastFaults) {
                return result;
            }
        }
        throw new AssertionError("no failure of " + bug + " after " + leastFaults + " faults");
    }

    @Test
    void fewerFaultsBreakTheSamePromise() {
        SimulationResult failure = failure(PlantedBug.VOTE_FORGOTTEN);
        SimulationResult smallest = new Shrinker(failure, WHOLE, 60).shrink();
        assertThat(rule(smallest)).isEqualTo(rule(failure));
        assertThat(smallest.faultsSeen()).hasSizeLessThan(failure.faultsSeen().size());
        assertThat(smallest.founders()).isLessThanOrEqualTo(failure.founders());
        assertThat(smallest.trim().seconds()).isLessThanOrEqualTo(WHOLE.seconds());
    }

    @Test
    void theReplayOfASmallFailureIsTheSameToTheHash() {
        SimulationResult failure = failure(PlantedBug.VOTE_FORGOTTEN);
        SimulationResult smallest = new Shrinker(failure, WHOLE, 60).shrink();
        SimulationResult again = new Simulation(smallest.seed(), smallest.bug(), smallest.trim(), null).run();
        assertThat(again.traceHash()).isEqualTo(smallest.traceHash());
        assertThat(smallest.report())
                .contains("at commit ")
                .contains("replay: ./axolotl simulate --seed " + smallest.seed() + " --seconds ")
                .contains("--faults ");
    }

    @Test
    @DisplayName("Seed 20000186: a world of one node has none to leave out")
    void aSingleNodeStays() {
        Trim alone = WHOLE.withFounders(1);
        SimulationResult failure = failure(PlantedBug.SKIP_WAL_SYNC, alone, 0);
        // As the campaign has it, which does not ask for one node: the world has drawn it.
        SimulationResult smallest = new Shrinker(failure, Trim.of(WHOLE.seconds()), 5).shrink();
        assertThat(smallest.founders()).isOne();
    }

    @Test
    void aTrimIsWrittenAsTheCommandReadsIt() {
        Trim trim = Trim.of(7).withFounders(3).withClients(2).withFaults("0,3,7-9");
        assertThat(trim.faults()).isEqualTo(new TreeSet<>(java.util.List.of(0, 3, 7, 8, 9)));
        assertThat(trim.options()).isEqualTo("--seconds 7 --nodes 3 --clients 2 --faults 0,3,7,8,9");
        assertThat(Trim.of(7).withFaults("none").options()).isEqualTo("--seconds 7 --faults none");
        assertThat(Trim.of(7).withFaults("none").keeps(0)).isFalse();
        assertThat(Trim.of(7).keeps(0)).isTrue();
    }

    private static String rule(SimulationResult result) {
        return Objects.requireNonNull(result.violation()).rule();
    }
}

package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Seeds that must pass: a fixed set, so that a change is measured against the same worlds, and fresh ones, so that each
 * build looks somewhere new. {@code -Daxolotl.sim.seeds} scales the number, {@code -Daxolotl.sim.seconds} the virtual
 * length of each.
 */
@Tag("worlds")
@DisplayName("Simulation: I1 to I7, I11, I13, I15 and I16 hold under faults")
class SimulationTest {
    private static final long SECONDS = Long.getLong("axolotl.sim.seconds", 60);
    private static final long SEEDS = Long.getLong("axolotl.sim.seeds", 400);

    /** Worlds that run on the real database; they cost about ten times as much. */
    private static final long ROCKSDB_SEEDS = Long.getLong("axolotl.sim.rocksdb", 8);

    /** More nodes and more clients are for campaigns: here many worlds count for more than large ones. */
    private static final Trim TRIM = Trim.of(SECONDS).withFounders(5).withClients(3);

    private static final int THREADS =
            Integer.getInteger("axolotl.sim.threads", Runtime.getRuntime().availableProcessors());

    /** Seeds that have found something once, over the whole life of the project. */
    private static final List<Long> REGRESSIONS = List.of(33L, 36L, 38L, 107L, 1085L, 100_025L, 200_020L, 200_450L);

    @Test
    void fixedSeedsKeepEveryPromise() {
        Campaign campaign = run(1, SEEDS);
        System.out.print(campaign.summary());
        if (SEEDS >= 400) {
            assertThat(CoverageMarks.notReached(campaign.marks())).as("marks").isEmpty();
            for (Fault fault : Fault.values()) {
                assertThat(campaign.marks().count("fault: " + fault))
                        .as(fault.name())
                        .isPositive();
            }
        }
    }

    @Test
    void freshSeedsKeepEveryPromise() {
        long start = System.currentTimeMillis() / 1000 * 1000;
        System.out.println("fresh seeds from " + start);
        run(start, Math.max(1, SEEDS / 4));
    }

    @Test
    void seedsThatFoundSomethingStayFixed() {
        REGRESSIONS.forEach(seed -> passes(new Simulation(seed, PlantedBug.NONE, 60, null).run()));
    }

    @Test
    @DisplayName("P4, I11: a member whose first start is cut short twice starts the third time (DataFolderTest)")
    void aMemberThatIsCutShortWhileItJoinsStarts() {
        passes(new Simulation(61, PlantedBug.NONE, Trim.of(8).withFaults("0-5,7,8"), null).run());
    }

    @Test
    @DisplayName("I5, pitfall 28: no read is served by a round of the same leader's earlier leadership (ReadIndexTest)")
    void aReadOfALeaderThatHasLedBeforeIsNotStale() {
        passes(new Simulation(20_000_992, PlantedBug.NONE, Trim.of(38).withFaults("0-3,5-8,10,16,17,20,21"), null)
                .run());
    }

    @Test
    @DisplayName("D13: a snapshot whose files have rotted is given to nobody, and a new one takes its place")
    void aRottenSnapshotIsNotSent() {
        String faults = "0-5,8,16-20,24,26,29,31,32,35,36,39,40,46,60,61,69,71-73";
        passes(new Simulation(62_001_804, PlantedBug.NONE, Trim.of(89).withFaults(faults), null).run());
    }

    @Test
    @DisplayName("I13: who is healed at the end is not put back to an old disk any more")
    void nobodyIsPutBackToAnOldDiskAfterTheEnd() {
        passes(new Simulation(
                        63_000_336,
                        PlantedBug.NONE,
                        Trim.of(142).withClients(4).withFaults("36,61,62,66,71,73-75,80,85,86"),
                        null)
                .run());
    }

    @Test
    @DisplayName(
            "D20: who was put back to an old disk is held against what it had promised before, at its second start too")
    void anOldDiskIsRememberedOverStarts() {
        passes(new Simulation(63_005_129, PlantedBug.NONE, 76, null).run());
    }

    @Test
    @DisplayName("I4, I6, I7, I11: the same on the real database (the slower tier; axolotl simulate --rocksdb)")
    void someSeedsKeepEveryPromiseOnRocksDb() {
        Campaign campaign =
                run(1, ROCKSDB_SEEDS, Trim.of(8).withFounders(3).withClients(3).onRocksDb());
        assertThat(campaign.marks().count("snapshot: installed")).isPositive();
    }

    private static Campaign run(long start, long seeds) {
        return run(start, seeds, TRIM);
    }

    private static Campaign run(long start, long seeds, Trim trim) {
        List<SimulationResult> failures = new ArrayList<>();
        Campaign campaign = Campaign.run(
                new Campaign.Plan(start, seeds, PlantedBug.NONE, trim, THREADS, Long.MAX_VALUE), failures::add);
        if (!failures.isEmpty()) {
            fail(failures.size() + " of " + seeds + " seeds failed, the first:\n"
                    + failures.get(0).report());
        }
        assertThat(campaign.seeds()).isEqualTo(seeds);
        return campaign;
    }

    private static void passes(SimulationResult result) {
        if (!result.isPassed()) {
            fail(result.report());
        }
    }
}

package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** Worlds that are tried to make a failure small. */
    private static final int MOST_TRIES = 40;

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
            assertThat(campaign.marks().count("judge: linearizability undecided"))
                    .as("worlds in which the search for an order gave up, and the order of revisions alone was judged")
                    .isLessThan(SEEDS / 20);
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

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource({
        "10000173, 130, I13 with a fresh voter that is sent the log entry by entry",
        "10000323, 130, P4 of one that greets a member as the power is cut there",
        "10000385, 130, I4 of what was acknowledged just before a disk was put back",
        "10000804, 130, I4 of the same a moment later",
        "10000182, 130, I13 of one that applies two entries at once",
        "6054, 20, I13 while links of those left behind are opened by faults that end",
        "20000186, 130, I13 of one that reads four hundred bytes of its log at once",
        "10000626, 130, B6 of a leader whose connection breaks before the first answer",
        "20000666, 130, D20 of an old copy that is cut off in its first start",
        "50000013, 130, D8 of a name that a failed sync has lost",
        "50001032, 130, D11 of the last batch as the mark behind it goes",
        "66000012, 142, pitfall 1 of the term in which an install is answered (SnapshotTest)",
        "66000307, 142, D15 of an old slot beside a damaged one"
    })
    @DisplayName("worlds that failed once, whosever fault it was")
    void worldsThatFailedOncePass(long seed, long seconds, String what) {
        passes(new Simulation(seed, PlantedBug.NONE, seconds, null).run());
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
            failures.forEach(failure -> System.out.println(failure.headline()));
            SimulationResult first = failures.get(0);
            SimulationResult smallest = new Shrinker(first, trim, MOST_TRIES).shrink();
            fail(failures.size() + " of " + seeds + " seeds failed, the first, made smaller:\n" + smallest.report());
        }
        assertThat(campaign.brokenWorlds()).isEmpty();
        assertThat(campaign.seeds()).isEqualTo(seeds);
        return campaign;
    }

    private static void passes(SimulationResult result) {
        if (!result.isPassed()) {
            fail(result.report());
        }
    }
}

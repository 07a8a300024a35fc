package io.axolotl.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Seeds that must pass: a fixed set, so that a change is measured against the same worlds, and fresh ones, so that each
 * build looks somewhere new. {@code -Daxolotl.sim.seeds} scales the number, {@code -Daxolotl.sim.seconds} the virtual
 * length of each.
 */
@DisplayName("Simulation: I1 to I7, I11, I13, I15 and I16 hold under faults")
class SimulationTest {
    private static final long SECONDS = Long.getLong("axolotl.sim.seconds", 30);
    private static final long SEEDS = Long.getLong("axolotl.sim.seeds", 200);

    /** Seeds that have found something once, over the whole life of the project. */
    private static final List<Long> REGRESSIONS = List.of(38L, 100_025L, 200_020L, 200_450L);

    /** Rare things without which a green run would mean little. */
    private static final List<String> MARKS = List.of(
            "core: SuffixTruncated",
            "core: SnapshotInstallFinished",
            "core: SteppedDown",
            "core: PauseDetected",
            "core: ReadsQueued",
            "core: TransferEnded",
            "core: AppendRefused",
            "core: RemovedPeerReleased",
            "change: joint",
            "change: learners only",
            "change refused: CHANGE_UNDER_WAY",
            "change refused: LEARNER_NOT_READY",
            "core: LeaderGone",
            "core: DiskJudged",
            "core: HandoverChosen",
            "read by lease",
            "crash: between two disk operations",
            "crash: in the middle of a batch",
            "crash: after a sync, before anybody was told",
            "client: unknown",
            "client: refused",
            "client: proposal was overwritten",
            "log writer: several Readys in one sync",
            "applier: compaction step",
            "snapshot installed",
            "snapshot transfer failed",
            "judge: two states compared",
            "judge: linearizable");

    @Test
    void fixedSeedsKeepEveryPromise() {
        Campaign campaign = run(1, SEEDS);
        System.out.print(campaign.summary(elapsedNanos));
        if (SEEDS >= 200) {
            for (String mark : MARKS) {
                assertThat(campaign.marks().count(mark)).as(mark).isPositive();
            }
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

    private long elapsedNanos;

    private Campaign run(long start, long seeds) {
        long begun = System.nanoTime();
        Campaign campaign = new Campaign();
        List<String> failures = new ArrayList<>();
        for (long seed = start; seed < start + seeds; seed++) {
            SimulationResult result = new Simulation(seed, PlantedBug.NONE, SECONDS, null).run();
            campaign.add(result);
            if (!result.isPassed()) {
                failures.add(result.report());
            }
        }
        elapsedNanos = System.nanoTime() - begun;
        if (!failures.isEmpty()) {
            fail(failures.size() + " of " + seeds + " seeds failed, the first:\n" + failures.get(0));
        }
        return campaign;
    }

    private static void passes(SimulationResult result) {
        if (!result.isPassed()) {
            fail(result.report());
        }
    }
}

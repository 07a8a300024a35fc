package io.axolotl.jepsen.chaos.measure;

import static io.axolotl.jepsen.chaos.SyntheticRun.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.axolotl.jepsen.chaos.ClusterEvent;
import io.axolotl.jepsen.chaos.RunRecord;
import io.axolotl.jepsen.chaos.SyntheticRun;
import io.axolotl.jepsen.chaos.Verdict;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a fault costs and what that makes of the availability (faults.md §7), on runs of which everything is known. */
class FaultCostTest {
    private static SyntheticRun run() {
        return new SyntheticRun(3, 60_000, 1);
    }

    private static RunMeasure measured(SyntheticRun run) {
        return RunMeasure.of(run.record(), List.of());
    }

    private static FaultCost only(SyntheticRun run) {
        List<FaultCost> faults = measured(run).faults();
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    private static Service service(FaultCost cost, View view, String kind) {
        return Objects.requireNonNull(cost.service(view, kind));
    }

    private static Availability row(SyntheticRun run, String faults) {
        return Availability.table(List.of(measured(run)), View.SMART, "write").stream()
                .filter(row -> row.faults().equals(faults))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void leaderThatDiesCostsEachPhaseOfTheFailover() {
        FaultCost cost = only(run().fault("leader-kill", "n2", 10_000, 14_000)
                .nobody(10_000, 11_200)
                .silent(1, 11_200, 15_500)
                .event(11_000, 0, "election", "term 3", 0)
                .event(11_150, 0, "leader", "leads in term 3", 0)
                .event(10_000, 1, "exit", "n2 has ended", 0)
                .event(14_100, 1, "start", "n2 starts", 0)
                .event(15_600, 1, "caught-up", "n2 has caught up by its log", 700));
        assertThat(cost.whyVoid()).isEmpty();
        assertThat(cost.members()).containsExactly(1);
        assertThat(cost.detectionNanos()).isEqualTo(1_000 * MS);
        assertThat(cost.newLeaderNanos()).isEqualTo(1_150 * MS);
        assertThat(cost.electionNanos()).isEqualTo(150 * MS);
        assertThat(cost.redundancyNanos()).isEqualTo(1_600 * MS);
        assertThat(cost.catchUp()).isEqualTo("log");
        assertThat(cost.catchUpBytes()).isEqualTo(700);
        Service smart = service(cost, View.SMART, "write");
        assertThat(smart.recoveryNanos()).isEqualTo(1_200 * MS);
        assertThat(smart.withoutNanos()).isEqualTo(1_200 * MS);
        assertThat(smart.lost()).isEqualTo(120);
        assertThat(service(cost, View.HEALTHY, "read").withoutNanos()).isEqualTo(1_200 * MS);
        assertThat(service(cost, View.ALL, "read").withoutNanos())
                .as("the dead member's own clients wait until it is back")
                .isEqualTo(5_500 * MS);
    }

    @Test
    void wayOfCatchingUpIsNotGuessed() {
        FaultCost cost = only(run().fault("kill", "n2", 10_000, 14_000)
                .event(10_000, 1, "exit", "n2 has ended", 0)
                .event(14_100, 1, "start", "n2 starts", 0)
                .event(15_600, 1, "caught-up", "n2 has caught up" + ClusterEvent.UNTOLD, 0));
        assertThat(cost.redundancyNanos()).isEqualTo(1_600 * MS);
        assertThat(cost.catchUp()).isEqualTo("not told");
    }

    @Test
    void shortRelapseBelongsToTheSameOutage() {
        FaultCost cost = only(run().fault("pause", "n1", 10_000, 12_000)
                .nobody(10_000, 10_400)
                .nobody(10_900, 11_000));
        Service smart = service(cost, View.SMART, "write");
        assertThat(smart.windows()).containsExactly(new Window(10_000 * MS, 11_000 * MS, true));
        assertThat(smart.withoutNanos()).isEqualTo(500 * MS);
        assertThat(smart.recoveryNanos()).isEqualTo(1_000 * MS);
    }

    @Test
    void faultThatHurtsLateIsRecoveredFromSinceItHurts() {
        FaultCost cost = only(run().fault("slow-disk", "n1", 10_000, 30_000).nobody(20_000, 20_700));
        assertThat(service(cost, View.SMART, "write").recoveryNanos()).isEqualTo(700 * MS);
    }

    @Test
    void healingThatHurtsIsPartOfTheCost() {
        FaultCost cost = only(run().fault("isolated-leader", "n1", 10_000, 20_000)
                .nobody(10_000, 10_500)
                .nobody(20_050, 20_250));
        assertThat(service(cost, View.SMART, "write").withoutNanos()).isEqualTo(700 * MS);
        assertThat(service(cost, View.SMART, "write").windows()).hasSize(2);
    }

    @Test
    void answersThatComeTooLateAreNoService() {
        FaultCost cost = only(run().fault("slow-disk", "n1", 10_000, 15_000).slow(-1, "write", 10_000, 12_000));
        assertThat(service(cost, View.SMART, "write").withoutNanos()).isEqualTo(2_000 * MS);
        assertThat(service(cost, View.SMART, "write").lost()).isEqualTo(200);
        assertThat(service(cost, View.SMART, "read").withoutNanos()).isZero();
    }

    @Test
    void faultThatNobodyNoticesCostsNothing() {
        SyntheticRun run = run().fault("follower-kill", "n3", 10_000, 14_000).silent(2, 10_000, 15_000);
        Availability row = row(run, "follower-kill");
        assertThat(row.samples()).isOne();
        assertThat(row.outages()).isZero();
        assertThat(row.availability()).isEqualTo(1);
        assertThat(row.mtbfNanos()).isNull();
        assertThat(row.mttrNanos()).isNull();
        assertThat(row.atOneADay()).isEqualTo(1);
        FaultCost cost = only(run);
        assertThat(service(cost, View.SMART, "write").recoveryNanos()).isZero();
        assertThat(service(cost, View.HEALTHY, "write").withoutNanos()).isZero();
        assertThat(cost.detectionNanos()).isNull();
        assertThat(cost.redundancyNanos()).isNull();
    }

    @Test
    void clusterThatNeverComesBackIsDownUntilTheEnd() {
        SyntheticRun run = run().fault("all-kill", "all", 30_000, 0).nobody(30_000, 60_000);
        FaultCost cost = only(run);
        Service smart = service(cost, View.SMART, "write");
        assertThat(smart.isOver()).isFalse();
        assertThat(smart.recoveryNanos()).isNull();
        assertThat(cost.service(View.HEALTHY, "write")).as("nobody is healthy").isNull();
        Availability row = row(run, "all-kill");
        assertThat(row.unfinished()).isOne();
        assertThat(row.recovery()).isNull();
        assertThat(row.downNanos()).isBetween(29_900 * MS, 30_000 * MS);
        assertThat(row.availability()).isLessThan(0.01);
    }

    @Test
    void overlappingFaultsAreOneSample() {
        SyntheticRun run = run().fault("slow-lossy", "all", 10_000, 20_000)
                .fault("leader-kill", "n1", 15_000, 18_000)
                .nobody(15_000, 16_500)
                .event(16_000, 1, "election", "term 4", 0)
                .event(16_400, 1, "leader", "leads in term 4", 0)
                .fault("leader-kill", "n2", 40_000, 44_000)
                .nobody(40_000, 41_000);
        RunMeasure measure = measured(run);
        assertThat(measure.faults().get(0).overlaps()).containsExactly(2);
        assertThat(measure.faults().get(1).overlaps()).containsExactly(1);
        assertThat(measure.faults().get(2).overlaps()).isEmpty();
        assertThat(measure.faults().get(0).newLeaderNanos())
                .as("the election is the second fault's")
                .isNull();
        assertThat(measure.faults().get(1).newLeaderNanos()).isEqualTo(1_400 * MS);
        assertThat(row(run, "leader-kill + slow-lossy").samples()).isOne();
        assertThat(row(run, "leader-kill").samples()).isOne();
        Availability all = row(run, Availability.EVERYTHING);
        assertThat(all.samples()).isEqualTo(2);
        assertThat(all.downNanos()).as("each outage counts once").isEqualTo(2_500 * MS);
    }

    @Test
    void faultBeforeServiceIsBackJoinsTheOneBefore() {
        SyntheticRun run = run().fault("pause", "n1", 10_000, 11_000)
                .fault("leader-kill", "n2", 13_000, 17_000)
                .nobody(10_000, 15_000);
        assertThat(row(run, "leader-kill + pause").downNanos()).isEqualTo(5_000 * MS);
    }

    @Test
    void availabilityIsTheShareOfTheTimeInService() {
        SyntheticRun run = run().fault("leader-kill", "n1", 10_000, 12_000)
                .nobody(10_000, 10_300)
                .fault("leader-kill", "n2", 30_000, 32_000)
                .nobody(30_000, 30_700);
        Availability row = row(run, "leader-kill");
        assertThat(row.samples()).isEqualTo(2);
        assertThat(row.outages()).isEqualTo(2);
        double mtbf = Objects.requireNonNull(row.mtbfNanos());
        double mttr = Objects.requireNonNull(row.mttrNanos());
        assertThat(mttr).isEqualTo(500.0 * MS);
        assertThat(row.availability()).isCloseTo(mtbf / (mtbf + mttr), within(1e-12));
        assertThat(row.availability()).isCloseTo(1 - 1_000.0 / 49_990, within(1e-9));
        assertThat(Objects.requireNonNull(row.atOneADay())).isCloseTo(1 - 0.5 / 86_400, within(1e-12));
        Figures without = Objects.requireNonNull(row.without());
        assertThat(without).isEqualTo(new Figures(2, 300 * MS, 300 * MS, 700 * MS, 700 * MS));
    }

    @Test
    void runWithoutFaultsHasNothingButQuiet() {
        List<Availability> rows =
                Availability.table(List.of(measured(run().nobody(5_000, 5_500))), View.SMART, "write");
        assertThat(rows).extracting(Availability::faults).containsExactly(Availability.QUIET, Availability.EVERYTHING);
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.samples()).isZero();
            assertThat(row.outages()).isOne();
            assertThat(row.downNanos()).isEqualTo(500 * MS);
            assertThat(row.atOneADay()).isNull();
        });
    }

    @Test
    void voidRunsAndVoidFaultsDoNotCount() {
        SyntheticRun bad = run().fault("leader-kill", "n1", 10_000, 12_000)
                .nobody(10_000, 30_000)
                .verdict(Verdict.Kind.VOID, "traffic", "too little before the faults");
        RunMeasure measure = measured(bad);
        assertThat(measure.isVoid()).isTrue();
        assertThat(measure.whyVoid()).contains("too little before");
        assertThat(Availability.table(List.of(measure), View.SMART, "write")).isEmpty();

        SyntheticRun early = run().fault("leader-kill", "n1", 500, 2_000)
                .fault("leader-kill", "n1", 20_000, 21_000)
                .nobody(19_500, 20_500);
        assertThat(measured(early).faults())
                .extracting(FaultCost::whyVoid)
                .containsExactly(
                        "no second of probes before it", "only 50 of 100 probes were served in the second before it");
        assertThat(row(early, "leader-kill").samples()).isZero();
        assertThat(row(early, "leader-kill").voids()).isEqualTo(2);
    }

    @Test
    void runWithoutProbesIsVoid() {
        RunRecord whole = run().fault("leader-kill", "n1", 10_000, 12_000).record();
        RunRecord blind = new RunRecord(
                whole.id(),
                whole.commit(),
                whole.target(),
                3,
                1,
                "set",
                "leader-kill",
                1,
                0,
                whole.faults(),
                List.of(),
                List.of(),
                List.of(new Verdict("set", Verdict.Kind.VALID, "all there", List.of())),
                whole.skipped(),
                whole.settings());
        RunMeasure measure = RunMeasure.of(blind, List.of());
        assertThat(measure.whyVoid()).isEqualTo("nothing was probed");
        assertThat(measure.faults()).hasSize(1);
        assertThat(measure.faults().get(0).services()).isEmpty();
    }

    @Test
    void processThatNeverCatchesUpLeavesRedundancyOpen() {
        FaultCost cost = only(run().fault("all-kill", "all", 10_000, 12_000)
                .event(10_000, 0, "exit", "", 0)
                .event(12_100, 0, "start", "", 0)
                .event(10_000, 1, "exit", "", 0)
                .event(12_100, 1, "start", "", 0)
                .event(13_000, 1, "caught-up", "", 0));
        assertThat(cost.redundancyNanos()).isNull();
    }

    @Test
    void snapshotThatWasInstalledIsTheWayOfCatchingUp() {
        FaultCost cost = only(run().fault("wiped", "n3", 10_000, 12_000)
                .event(15_000, 2, "snapshot-install", "n3 has got a snapshot", 4_096)
                .event(15_000, 2, "caught-up", "n3 has caught up by a snapshot", 10));
        assertThat(cost.catchUp()).isEqualTo("snapshot");
        assertThat(cost.catchUpBytes()).isEqualTo(4_106);
    }

    @Test
    void targetsNameMembers() {
        assertThat(Members.of("n1", 3)).containsExactly(0);
        assertThat(Members.of("n3>n1", 3)).containsExactly(0, 2);
        assertThat(Members.of("n1-n2, n2-n3", 3)).containsExactly(0, 1, 2);
        assertThat(Members.of("all", 5)).containsExactly(0, 1, 2, 3, 4);
        assertThat(Members.of("the network", 3)).isEmpty();
        assertThat(Members.of("n0", 3)).isEmpty();
    }
}

package io.axolotl.raft.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a leader believes of one follower. */
class ProgressTest {
    private static Progress replicating(long nextIndex) {
        Progress progress = new Progress(nextIndex, new InflightWindow(10, 1_000));
        progress.accepted(nextIndex - 1, 0, 0);
        assertThat(progress.state()).isEqualTo(ProgressState.REPLICATE);
        return progress;
    }

    @Test
    @DisplayName("pitfall 44: what was in flight when a snapshot is offered is not waited for any more")
    void offerLeavesNothingInFlight() {
        Progress progress = replicating(5);
        progress.sent(5, 10, 100);
        progress.offeredSnapshot(200);
        assertThat(progress.inflight().isEmpty()).isTrue();
        assertThat(progress.overdueNanos(1_000_000)).isZero();
        assertThat(progress.offeredAtNanos()).isEqualTo(200);
    }

    @Test
    void overdueCountsFromTheOldestRequestOrTheLastProgress() {
        Progress progress = replicating(5);
        assertThat(progress.overdueNanos(900)).as("nothing is in flight").isZero();
        progress.sent(5, 10, 1_000);
        progress.sent(6, 10, 1_500);
        assertThat(progress.overdueNanos(1_700)).as("since it was sent").isEqualTo(700);
        progress.accepted(5, 0, 1_800);
        assertThat(progress.overdueNanos(2_000)).as("since something moved").isEqualTo(200);
        progress.accepted(5, 0, 1_900);
        assertThat(progress.overdueNanos(2_000))
                .as("an old answer again is no progress")
                .isEqualTo(200);
    }

    @Test
    void beforeAnythingMatchedOverdueCountsFromTheRequestAlone() {
        Progress progress = new Progress(1, new InflightWindow(10, 1_000));
        progress.accepted(0, 0, 0);
        progress.sent(1, 10, 5_000);
        assertThat(progress.overdueNanos(5_300)).isEqualTo(300);
    }

    @Test
    @DisplayName("pitfall 13: a refusal of an older epoch, or of what is known to match, is no news")
    void staleRefusalsAreNoNews() {
        Progress progress = replicating(5);
        assertThat(progress.refused(4, 3, 0)).as("it holds 4").isFalse();
        assertThat(progress.refused(6, 3, 1)).as("another epoch").isFalse();
        assertThat(progress.state()).isEqualTo(ProgressState.REPLICATE);
        assertThat(progress.refused(6, 3, 0)).isTrue();
        assertThat(progress.state()).isEqualTo(ProgressState.PROBE);
        assertThat(progress.nextIndex()).as("never below what matches").isEqualTo(5);
        progress.offeredSnapshot(0);
        assertThat(progress.refused(9, 8, 1)).as("a snapshot is on its way").isFalse();
    }

    @Test
    @DisplayName(
            "B6: a loss before the first answer says nothing against the place, or the whole log would be sent (simulator, seed 10000626)")
    void aLossWhileTheEndIsLookedForLeavesThePlace() {
        Progress progress = new Progress(1_167, new InflightWindow(10, 1_000));
        progress.doubt();
        assertThat(progress.nextIndex()).isEqualTo(1_167);
        assertThat(progress.refused(1_166, 405, progress.epoch())).isTrue();
        progress.doubt();
        assertThat(progress.nextIndex()).isEqualTo(405);
    }

    @Test
    @DisplayName("B6: what was sent behind the end that is known is in doubt after a loss")
    void aLossOfWhatWasSentGoesBackToWhatMatches() {
        Progress progress = replicating(5);
        progress.sent(9, 10, 0);
        progress.doubt();
        assertThat(progress.nextIndex()).isEqualTo(5);
        assertThat(progress.state()).isEqualTo(ProgressState.PROBE);
    }

    @Test
    void heardJustThenIsHeardSinceThen() {
        Progress progress = new Progress(1, new InflightWindow(10, 1_000));
        assertThat(progress.isHeardSince(-10)).as("never heard").isFalse();
        progress.heard(100);
        assertThat(progress.isHeardSince(100)).isTrue();
        assertThat(progress.isHeardSince(101)).isFalse();
    }
}

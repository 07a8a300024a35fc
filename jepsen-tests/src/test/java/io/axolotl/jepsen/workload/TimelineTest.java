package io.axolotl.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** An instrument that never saw an outage of known length proves nothing. Times are in nanos; 1 ms is {@code MS}. */
class TimelineTest {
    private static final long MS = 1_000_000;
    private static final List<String> BOTH = List.of("n1", "n2");

    private final Timeline timeline = new Timeline();

    private void writes(String member, long... millis) {
        for (long at : millis) {
            timeline.add(member, Timeline.Kind.WRITE, at * MS);
        }
    }

    private void steadyWrites(long fromMillis, long toMillis, long everyMillis) {
        for (long at = fromMillis; at < toMillis; at += everyMillis) {
            timeline.add("n1", Timeline.Kind.STEADY_WRITE, at * MS);
        }
    }

    @Test
    void gapBeginsWithTheLastAnswerBeforeTheFault() {
        writes("n1", 90, 98, 350, 360, 390);
        assertThat(timeline.view().longestWriteGap(BOTH, 100 * MS, 400 * MS)).isEqualTo((350 - 98) * MS);
    }

    @Test
    void gapThatEndedBeforeTheFaultDoesNotCount() {
        writes("n1", 10, 98, 110, 120, 125);
        assertThat(timeline.view().longestWriteGap(BOTH, 100 * MS, 130 * MS)).isEqualTo(12 * MS);
    }

    @Test
    void silenceUpToTheEndCounts() {
        writes("n1", 98, 110);
        assertThat(timeline.view().longestWriteGap(BOTH, 100 * MS, 700 * MS)).isEqualTo(590 * MS);
    }

    @Test
    void silenceThroughoutCountsFromItsStart() {
        assertThat(timeline.view().longestWriteGap(BOTH, 100 * MS, 700 * MS)).isEqualTo(600 * MS);
    }

    @Test
    void whoeverIsServedByOneMemberIsServed() {
        writes("n1", 98, 500);
        writes("n2", 100, 200, 300, 400, 500);
        Timeline.View view = timeline.view();
        assertThat(view.longestWriteGap(BOTH, 100 * MS, 500 * MS)).isEqualTo(100 * MS);
        assertThat(view.longestWriteGap(List.of("n1"), 100 * MS, 500 * MS)).isEqualTo(402 * MS);
    }

    @Test
    void readsDoNotHideThatNothingIsWritten() {
        writes("n1", 98, 500);
        timeline.add("n1", Timeline.Kind.READ, 300 * MS);
        Timeline.View view = timeline.view();
        assertThat(view.longestWriteGap(BOTH, 100 * MS, 500 * MS)).isEqualTo(402 * MS);
        assertThat(view.longestReadGap(BOTH, 100 * MS, 500 * MS)).isEqualTo(200 * MS);
    }

    @Test
    void halfRateMustLastForTwoSeconds() {
        // 100 a second, one second of silence, then 60 a second.
        steadyWrites(0, 1_000, 10);
        steadyWrites(2_000, 5_000, 16);
        long since = timeline.view().halfRateSince(BOTH, 100, 1_000 * MS, 5_000 * MS);
        assertThat(since).isBetween(1_500 * MS, 2_000 * MS);
    }

    @Test
    void rateBelowHalfIsNeverBack() {
        steadyWrites(0, 1_000, 10);
        steadyWrites(1_000, 6_000, 25);
        assertThat(timeline.view().halfRateSince(BOTH, 100, 1_000 * MS, 6_000 * MS))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void firstWriteIsAtOrAfterTheMoment() {
        writes("n1", 98, 110);
        assertThat(timeline.view().firstWrite(BOTH, 98 * MS)).isEqualTo(98 * MS);
        assertThat(timeline.view().firstWrite(BOTH, 99 * MS)).isEqualTo(110 * MS);
        assertThat(timeline.view().firstWrite(List.of("n2"), 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsForgottenIsGone() {
        writes("n1", 10, 20, 30);
        timeline.forgetBefore(20 * MS);
        assertThat(timeline.view().firstWrite(BOTH, 0)).isEqualTo(20 * MS);
    }
}

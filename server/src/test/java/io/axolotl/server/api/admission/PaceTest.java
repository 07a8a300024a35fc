package io.axolotl.server.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How long a newcomer will wait, told by nothing but what is in flight and what gets finished. */
class PaceTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 50_000_000L;

    /** The origin of the clock is nobody's business. */
    private long now = -17 * SECOND;

    private final Pace pace = new Pace(now);

    private void begin(int calls) {
        for (int i = 0; i < calls; i++) {
            pace.begun();
        }
    }

    /** One window in which so many end, and as many begin. */
    private void window(int ended) {
        for (int i = 0; i < ended; i++) {
            pace.ended(now, true);
            pace.begun();
        }
        now += WINDOW;
        pace.allowed(now, SECOND);
    }

    private void busyAt(int inFlight, int endedPerWindow) {
        begin(inFlight);
        for (int i = 0; i < 40; i++) {
            window(endedPerWindow);
        }
    }

    @Test
    void whoComesFirstIsLetInHoweverManyTheyAre() {
        begin(100_000);
        assertThat(pace.allowed(now, 1)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    @DisplayName(
            "Little's law: 2,000 a second come to 1,000 in half of a second, and the other half is for what was estimated wrongly")
    void asManyMayBeginAsAreAnsweredInHalfOfTheTime() {
        busyAt(500, 100);
        assertThat(pace.perSecond()).isBetween(1_990.0, 2_010.0);
        assertThat(pace.allowed(now, SECOND)).isBetween(990, 1_010);
        assertThat(pace.allowed(now, SECOND / 2)).isBetween(490, 510);
    }

    @Test
    void aFewAreAlwaysLetIn() {
        busyAt(500, 1);
        assertThat(pace.allowed(now, SECOND)).isEqualTo(Pace.ALWAYS);
        assertThat(pace.allowed(now, -SECOND)).isEqualTo(Pace.ALWAYS);
    }

    @Test
    @DisplayName("an election in which nothing is finished does not make the server look slow when it is over")
    void aStandstillTellsNothing() {
        busyAt(500, 100);
        for (int i = 0; i < 40; i++) {
            now += WINDOW;
            pace.allowed(now, SECOND);
        }
        assertThat(pace.perSecond()).isBetween(1_990.0, 2_010.0);
        now += 3 * SECOND;
        pace.ended(now, true);
        assertThat(pace.perSecond()).as("a window that was left open").isBetween(1_990.0, 2_010.0);
    }

    @Test
    @DisplayName("a server that is asked now and then has not shown what it can do: a burst is let in")
    void aTrickleSaysNothingOfWhatCanBeDone() {
        for (int i = 0; i < 200; i++) {
            pace.begun();
            pace.ended(now, true);
            now += WINDOW;
        }
        begin(5_000);
        assertThat(pace.allowed(now, SECOND)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void whatWasLearnedLongAgoIsForgotten() {
        busyAt(500, 10);
        assertThat(pace.allowed(now, SECOND)).isEqualTo(Pace.ALWAYS);
        now += 11 * SECOND;
        assertThat(pace.allowed(now, SECOND)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void lightWorkAfterHeavyWorkIsNoticedWithinAFewWindows() {
        busyAt(500, 2);
        for (int i = 0; i < 4; i++) {
            window(400);
        }
        assertThat(pace.perSecond()).isGreaterThan(7_000);
    }

    @Test
    void aQuietServerIsNotTakenForASlowOne() {
        busyAt(500, 100);
        for (int i = 0; i < 500; i++) {
            pace.ended(now, true);
        }
        now += WINDOW;
        for (int i = 0; i < 100; i++) {
            window(0);
            pace.begun();
            pace.ended(now, true);
        }
        assertThat(pace.perSecond()).isGreaterThan(1_900.0);
    }

    @Test
    void aDiskThatBecomesSlowIsNoticedWithinASecond() {
        busyAt(500, 100);
        for (int i = 0; i < 20; i++) {
            window(10);
        }
        assertThat(pace.perSecond()).isLessThan(250);
    }

    @Test
    @DisplayName("refusals come fast, and say nothing of how fast calls are served")
    void refusalsAreNoProgress() {
        busyAt(500, 100);
        for (int i = 0; i < 40; i++) {
            for (int refused = 0; refused < 5_000; refused++) {
                pace.begun();
                pace.ended(now, false);
            }
            window(100);
        }
        assertThat(pace.perSecond()).isBetween(1_990.0, 2_010.0);
    }
}

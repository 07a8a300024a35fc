package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("C.3, GU-6: where and when a call is made again")
final class RoundsTest {
    private static final Predicate<Set<String>> OF_TWO = tried -> tried.size() < 2;

    private final Rounds<String> rounds =
            new Rounds<>(new RetryPolicy(9, Duration.ofMillis(10), Duration.ofMillis(500), 0, Optional.empty()));

    @Test
    void anotherPlaceIsAskedAtOnce() {
        assertThat(rounds.failedAt("a", Verdict.NOT_SENT, OF_TWO, RoundsTest::never))
                .isZero();
        assertThat(rounds.tried()).containsExactly("a");
    }

    @Test
    void whenAllHaveFailedThereIsAPauseAndAllMayBeAskedAgain() {
        rounds.failedAt("a", Verdict.NOT_SENT, OF_TWO, RoundsTest::never);
        assertThat(rounds.failedAt("b", Verdict.UNAVAILABLE, OF_TWO, () -> 0)).isEqualTo(10_000_000);
        assertThat(rounds.tried()).isEmpty();
    }

    @Test
    void pausesGrowFromRoundToRound() {
        Predicate<Set<String>> ofOne = tried -> false;
        assertThat(rounds.failedAt("a", Verdict.NOT_SENT, ofOne, () -> 0)).isEqualTo(10_000_000);
        assertThat(rounds.failedAt("a", Verdict.NOT_SENT, ofOne, () -> 0)).isEqualTo(20_000_000);
    }

    @Test
    void whoHasTooMuchToDoIsLeftInPeaceThoughOthersAreLeft() {
        assertThat(rounds.failedAt("a", Verdict.BUSY, OF_TWO, () -> 0)).isEqualTo(10_000_000);
        assertThat(rounds.tried()).isEmpty();
    }

    private static double never() {
        throw new AssertionError("there is no pause to draw");
    }
}

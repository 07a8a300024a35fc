package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What share of the reads a member gets")
final class MemberHealthTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MemberHealth well = new MemberHealth();
    private final MemberHealth other = new MemberHealth();
    private long now = 1;

    private static StatusResult status(long behind, boolean isLearner, List<String> errors) {
        return new StatusResult(
                new Header(1, 1, 1, 1), "3.6", 1, 1, 1, "", 1, 1, 10_000, 10_000 - behind, isLearner, errors);
    }

    private int weigh() {
        double read = Math.min(well.readNanos(now), other.readNanos(now));
        double asked = Math.min(well.askedNanos(), other.askedNanos());
        well.weigh(now, read == 0 ? well.readNanos(now) : read, asked == 0 ? well.askedNanos() : asked);
        other.weigh(now, read == 0 ? well.readNanos(now) : read, asked == 0 ? well.askedNanos() : asked);
        assertThat(well.weight()).isEqualTo(MemberHealth.WELL);
        return other.weight();
    }

    private void read(long wellMillis, long otherMillis) {
        for (int i = 0; i < 10; i++) {
            now += MILLI;
            well.read(now, wellMillis * MILLI);
            other.read(now, otherMillis * MILLI);
        }
    }

    @Test
    void nobodyIsUnwellBeforeAnythingIsKnown() {
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
    }

    @Test
    void differencesOfAMomentAreNone() {
        read(0, 2);
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
        read(10, 19);
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
    }

    @Test
    void aSlowMemberGetsLessInProportionAndItsShareBackWhenItIsWell() {
        read(10, 100);
        assertThat(weigh()).isBetween(18, 25);
        read(10, 1_000);
        assertThat(weigh()).isBetween(1, 3);
        for (int i = 0; i < 3; i++) {
            read(10, 10);
        }
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
    }

    @Test
    void whoGetsNoReadsIsJudgedByHowItAnswersWhenAsked() {
        read(10, 1_000);
        assertThat(weigh()).isLessThan(5);
        now += 3 * SECOND;
        well.read(now, 10 * MILLI);
        well.told(now, 2 * MILLI, status(0, false, List.of()));
        other.told(now, 500 * MILLI, status(0, false, List.of()));
        assertThat(weigh()).isLessThan(5);
        for (int i = 0; i < 10; i++) {
            other.told(now, 2 * MILLI, status(0, false, List.of()));
        }
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
    }

    @Test
    void whoIsBehindOrUnfitGetsHardlyAny() {
        other.told(now, MILLI, status(6_000, false, List.of()));
        assertThat(weigh()).isEqualTo(10);
        other.told(now, MILLI, status(0, true, List.of()));
        assertThat(weigh()).isEqualTo(1);
        other.told(now, MILLI, status(0, false, List.of("memberID:1 alarm:CORRUPT")));
        assertThat(weigh()).isEqualTo(1);
        other.told(now, MILLI, status(0, false, List.of()));
        assertThat(weigh()).isEqualTo(MemberHealth.WELL);
    }

    @Test
    void silenceCountsFromTheLastAnswerWhileSomethingIsAwaited() {
        assertThat(other.silentNanos(now)).isZero();
        other.started(now);
        now += SECOND;
        other.started(now);
        assertThat(other.silentNanos(now)).isEqualTo(SECOND);
        other.answered(now);
        assertThat(other.silentNanos(now)).isZero();
        now += SECOND;
        assertThat(other.silentNanos(now)).isEqualTo(SECOND);
        other.ended();
        assertThat(other.silentNanos(now)).isZero();
    }

    @Test
    void anyAnswerMakesASickMemberWell() {
        other.toldNothing();
        assertThat(other.isSick()).isTrue();
        other.started(now);
        other.answered(now);
        assertThat(other.isSick()).isFalse();
        other.toldNothing();
        other.isThere(now);
        assertThat(other.isSick()).isFalse();
    }
}

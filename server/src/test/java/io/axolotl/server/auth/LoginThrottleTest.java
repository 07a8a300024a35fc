package io.axolotl.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How fast passwords may be guessed. */
class LoginThrottleTest {
    private final AtomicLong clock = new AtomicLong(-1);
    private final LoginThrottle throttle = new LoginThrottle(clock::get);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed("u", "h");
        }
    }

    @Test
    @DisplayName("some failures are free; then each pause is twice as long, up to a bound")
    void pausesGrow() {
        fail(LoginThrottle.FREE_FAILURES - 1);
        assertThat(throttle.isOpen("u", "h")).isTrue();
        long pause = LoginThrottle.FIRST_PAUSE_NANOS;
        for (int i = 0; i < 12; i++) {
            fail(1);
            assertThat(throttle.isOpen("u", "h")).isFalse();
            clock.addAndGet(pause);
            assertThat(throttle.isOpen("u", "h")).isFalse();
            clock.addAndGet(1);
            assertThat(throttle.isOpen("u", "h")).isTrue();
            pause = Math.min(2 * pause, LoginThrottle.MAX_PAUSE_NANOS);
        }
    }

    @Test
    @DisplayName("nobody is held up by what others do: neither another user nor the same one from elsewhere")
    void othersAreNotHeldUp() {
        fail(LoginThrottle.FREE_FAILURES);
        assertThat(throttle.isOpen("u", "h")).isFalse();
        assertThat(throttle.isOpen("u", "elsewhere")).isTrue();
        assertThat(throttle.isOpen("v", "h")).isTrue();
    }

    @Test
    @DisplayName("the right password, and time, make good")
    void failuresAreForgiven() {
        fail(LoginThrottle.FREE_FAILURES);
        throttle.succeeded("u", "h");
        assertThat(throttle.isOpen("u", "h")).isTrue();
        fail(LoginThrottle.FREE_FAILURES);
        clock.addAndGet(LoginThrottle.FORGET_NANOS + TimeUnit.SECONDS.toNanos(1));
        fail(LoginThrottle.FREE_FAILURES - 1);
        assertThat(throttle.isOpen("u", "h")).isTrue();
    }

    @Test
    @DisplayName("what is remembered is bounded")
    void memoryIsBounded() {
        fail(LoginThrottle.FREE_FAILURES);
        for (int i = 0; i < LoginThrottle.MAX_KEPT; i++) {
            throttle.failed("other" + i, "from" + i);
        }
        assertThat(throttle.isOpen("u", "h")).isTrue();
    }

    @Test
    @DisplayName("who tries ever other names has to wait too, each time for a moment; who comes from elsewhere has not")
    void everOtherNamesAreSlowed() {
        for (int i = 0; i < LoginThrottle.FREE_FAILURES_OF_ADDRESS; i++) {
            assertThat(throttle.isOpen("name" + i, "h")).isTrue();
            throttle.failed("name" + i, "h");
        }
        assertThat(throttle.isOpen("another", "h")).isFalse();
        throttle.succeeded("known", "h");
        assertThat(throttle.isOpen("another", "h"))
                .as("one right password makes no others good")
                .isFalse();
        assertThat(throttle.isOpen("another", "elsewhere")).isTrue();
        clock.addAndGet(LoginThrottle.FIRST_PAUSE_NANOS + 1);
        assertThat(throttle.isOpen("another", "h")).isTrue();
    }
}

package io.axolotl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

final class RetryPolicyProperties {
    @Property
    void pausesDoubleUpToTheMaximumAndJitterOnlyShortensThem(
            @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int round,
            @ForAll @DoubleRange(max = 1, maxIncluded = false) double chance) {
        RetryPolicy policy = new RetryPolicy(9, Duration.ofMillis(10), Duration.ofMillis(500), 0.5, Optional.empty());
        double full = Math.min(500e6, 10e6 * Math.pow(2, Math.min(round - 1, 60)));
        assertThat(policy.pauseNanos(round, chance)).isBetween((long) (full / 2), (long) full);
    }

    @Example
    void withoutJitterThePausesAreExact() {
        RetryPolicy policy = new RetryPolicy(9, Duration.ofMillis(10), Duration.ofMillis(50), 0, Optional.empty());
        assertThat(new long[] {
                    policy.pauseNanos(1, 0.7),
                    policy.pauseNanos(2, 0.7),
                    policy.pauseNanos(3, 0.7),
                    policy.pauseNanos(4, 0.7)
                })
                .containsExactly(10_000_000, 20_000_000, 40_000_000, 50_000_000);
    }

    @Example
    void impossiblePoliciesAreRefused() {
        assertThatThrownBy(() -> RetryPolicy.DEFAULT.withMaxAttempts(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> RetryPolicy.DEFAULT.withAttemptTimeout(Duration.ZERO))
                .hasMessageContaining("must be positive");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofMillis(2), Duration.ofMillis(1), 0, Optional.empty()))
                .hasMessageContaining("firstPause <= maxPause");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, Duration.ZERO, 2, Optional.empty()))
                .hasMessageContaining("share from 0 to 1");
    }
}

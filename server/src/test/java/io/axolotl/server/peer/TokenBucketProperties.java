package io.axolotl.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** In virtual time. */
class TokenBucketProperties {
    private static final long SECOND = 1_000_000_000L;
    private static final int LARGEST = 1 << 19;

    private long nowNanos = 1;

    @Property(tries = 300)
    @Label(
            "N18: several senders together stay below the rate at every moment, and use it up while they have something to send")
    void sendersTogetherKeepTheRate(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = LARGEST) Integer> chunkBytes,
            @ForAll @IntRange(min = 1 << 16, max = 1 << 30) int bytesPerSecond) {
        nowNanos = 1;
        TokenBucket bucket = new TokenBucket(bytesPerSecond, () -> nowNanos);
        int senders = chunkBytes.size();
        long[] mayAtNanos = new long[senders];
        double burst = bytesPerSecond / 10.0;
        long sent = 0;
        for (int step = 0; step < 400; step++) {
            int next = 0;
            for (int i = 1; i < senders; i++) {
                next = mayAtNanos[i] < mayAtNanos[next] ? i : next;
            }
            nowNanos = Math.max(nowNanos, mayAtNanos[next]);
            sent += chunkBytes.get(next);
            double due = burst + (double) bytesPerSecond * nowNanos / SECOND;
            // Everybody may have sent one chunk ahead of what is due.
            assertThat((double) sent).isLessThanOrEqualTo(due + (double) senders * LARGEST + 1);
            mayAtNanos[next] = nowNanos + bucket.sent(chunkBytes.get(next));
        }
        double least = (double) bytesPerSecond * nowNanos / SECOND * 0.99 - 2.0 * senders * LARGEST;
        assertThat((double) sent).as("the rate is used up").isGreaterThanOrEqualTo(least);
    }

    @Example
    void whatAPauseLeftUnusedIsKeptForATenthOfASecondOnly() {
        TokenBucket bucket = new TokenBucket(1_000, () -> nowNanos);
        assertThat(bucket.sent(100)).as("a burst").isZero();
        assertThat(bucket.sent(100)).isEqualTo(SECOND / 10);
        nowNanos += 3_600 * SECOND;
        assertThat(bucket.sent(100)).isZero();
        assertThat(bucket.sent(1_000)).isEqualTo(SECOND);
    }

    @Example
    void noRateIsNoBound() {
        TokenBucket bucket = new TokenBucket(0, () -> nowNanos);
        assertThat(bucket.sent(Long.MAX_VALUE)).isZero();
        assertThat(bucket.sent(Long.MAX_VALUE)).isZero();
    }
}

package io.axolotl.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How often and how fast a call may be tried again; <em>what</em> may be tried again is fixed ({@code Verdict}). All attempts
 * together stay within the call's deadline. Endpoints not yet tried are tried at once; a pause comes when all have failed, or
 * when all calls of the client together repeat more often than every second time: then it is the longest.
 * Immutable.
 *
 * @param maxAttempts at least 1; 1 means no repetition
 * @param firstPause pause after the first round over the endpoints; doubles from round to round
 * @param maxPause upper bound of the pause
 * @param jitter share of a pause that is drawn at random, 0 to 1: many clients should not come back together
 * @param attemptTimeout most time that one attempt of a read may take before another endpoint is asked; the whole budget if
 *     empty. A write that is numbered ({@link ExactlyOnce}) is bound by it too, or else by half of what is left of the budget;
 *     any other gets the whole budget, since giving up on it gains nothing
 * @param hedgeAfter when a read of keys that has not been answered is made at another member too, as far as repeats are left; the first
 *     answer counts. Never if empty
 */
public record RetryPolicy(
        int maxAttempts,
        Duration firstPause,
        Duration maxPause,
        double jitter,
        Optional<Duration> attemptTimeout,
        Optional<Duration> hedgeAfter) {
    /** As many attempts as the budget has room for, pausing 10 ms to 500 ms. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(10), Duration.ofMillis(500), 0.5, Optional.empty());

    /** One attempt. */
    public static final RetryPolicy NONE =
            new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1), 0, Optional.empty());

    /** Without hedging. */
    public RetryPolicy(
            int maxAttempts, Duration firstPause, Duration maxPause, double jitter, Optional<Duration> attemptTimeout) {
        this(maxAttempts, firstPause, maxPause, jitter, attemptTimeout, Optional.empty());
    }

    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts is " + maxAttempts + "; at least 1 attempt is needed");
        }
        if (firstPause.isNegative() || maxPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "pauses must satisfy 0 <= firstPause <= maxPause, not " + firstPause + " and " + maxPause);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter is " + jitter + "; it is a share from 0 to 1");
        }
        attemptTimeout.ifPresent(timeout -> ClientOptions.requirePositive(timeout, "attemptTimeout"));
        hedgeAfter.ifPresent(delay -> ClientOptions.requirePositive(delay, "hedgeAfter"));
    }

    public RetryPolicy withAttemptTimeout(Duration timeout) {
        return new RetryPolicy(maxAttempts, firstPause, maxPause, jitter, Optional.of(timeout), hedgeAfter);
    }

    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(attempts, firstPause, maxPause, jitter, attemptTimeout, hedgeAfter);
    }

    /** Good against a member that is slow for a moment: somewhat more than what nearly all reads take. */
    public RetryPolicy withHedgeAfter(Duration delay) {
        return new RetryPolicy(maxAttempts, firstPause, maxPause, jitter, attemptTimeout, Optional.of(delay));
    }

    /**
     * The pause after a round over all endpoints.
     *
     * @param round 1 for the first
     * @param chance uniform in [0, 1)
     */
    long pauseNanos(int round, double chance) {
        long max = maxPause.toNanos();
        // From 2^40 on any first pause is above any sensible maximum; more would overflow.
        double full = Math.min((double) max, firstPause.toNanos() * (double) (1L << Math.min(round - 1, 40)));
        return (long) (full * (1 - jitter * chance));
    }
}

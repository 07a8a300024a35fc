package io.axolotl.client.recipes;

import java.time.Duration;

/**
 * How fresh a {@link CachedView} is to be. Immutable.
 *
 * @param maxAge {@link CachedView#get} refuses to answer when it was proven for longer ago that nothing is missing
 * @param proofInterval how often that is proven; a read of one key each time
 * @param pageKeys keys that are loaded at once
 */
public record CachedViewOptions(Duration maxAge, Duration proofInterval, int pageKeys) {
    /** Ten seconds, each second, 500 keys. */
    public static final CachedViewOptions DEFAULT =
            new CachedViewOptions(Duration.ofSeconds(10), Duration.ofSeconds(1), 500);

    public CachedViewOptions {
        if (maxAge.isNegative() || maxAge.isZero() || proofInterval.isNegative() || proofInterval.isZero()) {
            throw new IllegalArgumentException(
                    "maxAge and proofInterval must be positive, not " + maxAge + " and " + proofInterval);
        }
        if (pageKeys < 1) {
            throw new IllegalArgumentException("pageKeys is " + pageKeys + "; at least 1 is needed");
        }
    }

    public CachedViewOptions withMaxAge(Duration age) {
        return new CachedViewOptions(age, proofInterval, pageKeys);
    }

    public CachedViewOptions withProofInterval(Duration interval) {
        return new CachedViewOptions(maxAge, interval, pageKeys);
    }

    public CachedViewOptions withPageKeys(int keys) {
        return new CachedViewOptions(maxAge, proofInterval, keys);
    }
}

package io.axolotl.storage.identity;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * A 128-bit random number that a data folder gets when it is made: no two folders ever share one (pitfall 4).
 *
 * <p>Immutable.
 */
public record StoreId(long high, long low) {
    /** @param random a source that differs from start to start, such as {@link java.security.SecureRandom} */
    public static StoreId random(RandomGenerator random) {
        return new StoreId(random.nextLong(), random.nextLong());
    }

    /** 32 digits of lower-case hex. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}

package io.axolotl.storage.identity;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A 128-bit random number that a data folder gets when it is made: no two folders ever share one (pitfall 4).
 *
 * <p>Immutable.
 */
public record StoreId(long high, long low) {
    private static final Pattern TEXT = Pattern.compile("[0-9a-f]{32}");

    /** @param random a source that differs from start to start, such as {@link java.security.SecureRandom} */
    public static StoreId random(RandomGenerator random) {
        return new StoreId(random.nextLong(), random.nextLong());
    }

    /**
     * The reverse of {@link #toString}.
     *
     * @return null if the text is not 32 digits of lower-case hex
     */
    public static @Nullable StoreId parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            return null;
        }
        return new StoreId(Long.parseUnsignedLong(text, 0, 16, 16), Long.parseUnsignedLong(text, 16, 32, 16));
    }

    /** 32 digits of lower-case hex. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}

package io.axolotl.jepsen.fuzz;

import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One parser of bytes from outside.
 *
 * <p>Confined to the thread that feeds.
 */
interface FuzzTarget {
    /** For reports and for replaying: lower case, no blanks. */
    String name();

    /** Bytes that the parser must accept, of whatever shape chance draws. */
    byte[] valid(SplittableRandom random);

    /**
     * The same bytes with checksums that match, as far as there are any, so that what lies behind them is reached. May be
     * given anything, and returns it as it is if there is nothing to make right.
     */
    default byte[] sealed(byte[] input) {
        return input;
    }

    /** Pieces that mean something to the parser, put into inputs now and then. */
    default List<byte[]> tokens() {
        return List.of();
    }

    /** Parses, and returns if the input was accepted. */
    void feed(byte[] input) throws Exception;

    /** Whether this is how the parser says that an input is none. */
    boolean isRefusal(Throwable raised);

    /**
     * Whether a valid input may be answered with this refusal, for it was understood: what it asks for depends on what was asked
     * before.
     */
    default boolean isAnswerToValid(Throwable raised) {
        return false;
    }

    /** Most bytes that the feeding thread may allocate for an input of this length. */
    default long maxAllocatedBytes(int inputBytes) {
        return (4L << 20) + 512L * inputBytes;
    }

    /**
     * Called between inputs, now and then: what a single answer does not show.
     *
     * @return what is wrong, or null
     */
    default @Nullable String ailment() {
        return null;
    }
}

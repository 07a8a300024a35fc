package io.axolotl.jepsen.fuzz;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A target that is a call: bytes in, a value or an exception out.
 *
 * <p>Immutable.
 *
 * @param refusals exceptions that say that an input is none
 * @param fixedBytes allocated whatever the input
 */
record Parser(
        String name,
        Function<SplittableRandom, byte[]> making,
        UnaryOperator<byte[]> sealing,
        Feed feeding,
        Set<Class<? extends Throwable>> refusals,
        List<byte[]> tokens,
        long fixedBytes)
        implements FuzzTarget {
    private static final long FIXED_BYTES = 4L << 20;

    /** Parses one input. */
    @FunctionalInterface
    interface Feed {
        void accept(byte[] input) throws Exception;
    }

    static Parser of(
            String name,
            Function<SplittableRandom, byte[]> making,
            Feed feeding,
            Set<Class<? extends Throwable>> refusals) {
        return new Parser(name, making, input -> input, feeding, refusals, List.of(), FIXED_BYTES);
    }

    Parser sealedBy(UnaryOperator<byte[]> seal) {
        return new Parser(name, making, seal, feeding, refusals, tokens, fixedBytes);
    }

    Parser withTokens(List<byte[]> words) {
        return new Parser(name, making, sealing, feeding, refusals, words, fixedBytes);
    }

    Parser withFixedBytes(long bytes) {
        return new Parser(name, making, sealing, feeding, refusals, tokens, bytes);
    }

    @Override
    public byte[] valid(SplittableRandom random) {
        return making.apply(random);
    }

    @Override
    public byte[] sealed(byte[] input) {
        return sealing.apply(input);
    }

    @Override
    public void feed(byte[] input) throws Exception {
        feeding.accept(input);
    }

    /** Exactly these kinds, or kinds of them that are none of Java's own: a general exception must not let all others pass. */
    @Override
    public boolean isRefusal(Throwable raised) {
        Class<?> kind = raised.getClass();
        return refusals.contains(kind)
                || (!kind.getName().startsWith("java.") && refusals.contains(kind.getSuperclass()));
    }

    @Override
    public long maxAllocatedBytes(int inputBytes) {
        return fixedBytes + 512L * inputBytes;
    }
}

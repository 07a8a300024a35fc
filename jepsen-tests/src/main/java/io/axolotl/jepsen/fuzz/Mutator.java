package io.axolotl.jepsen.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Bends bytes: what is read as a length, a count, a kind or a nesting is hit with what such things break on, at every width
 * and in both orders.
 *
 * <p>Immutable; the source of chance is the caller's.
 */
final class Mutator {
    /** No input grows longer: what a parser does with long ones is bounded where they come in. */
    static final int MAX_BYTES = 256 * 1024;

    private static final int MAX_NOISE = 512;
    private static final int MAX_STEPS = 6;
    private static final int MAX_REPEATS = 4_096;

    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        Short.MAX_VALUE,
        65_535,
        65_536,
        1 << 20,
        1 << 24,
        Integer.MAX_VALUE - 8,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        1L << 32,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private Mutator() {}

    /** Bytes without any meaning. */
    static byte[] noise(SplittableRandom random) {
        byte[] out = new byte[random.nextInt(MAX_NOISE)];
        random.nextBytes(out);
        return out;
    }

    /**
     * @param other another valid input of the same target, to take pieces from
     * @param tokens pieces that mean something to the target; may be empty
     */
    static byte[] mutate(byte[] input, byte[] other, List<byte[]> tokens, SplittableRandom random) {
        byte[] out = input;
        int steps = 1 + random.nextInt(MAX_STEPS);
        for (int i = 0; i < steps; i++) {
            out = step(out, other, tokens, random);
        }
        return out.length <= MAX_BYTES ? out : Arrays.copyOf(out, MAX_BYTES);
    }

    private static byte[] step(byte[] in, byte[] other, List<byte[]> tokens, SplittableRandom random) {
        if (in.length == 0) {
            return noise(random);
        }
        int at = random.nextInt(in.length);
        return switch (random.nextInt(tokens.isEmpty() ? 11 : 13)) {
            case 0 -> with(in, at, (byte) (in[at] ^ (1 << random.nextInt(8))));
            case 1 -> with(in, at, (byte) random.nextInt(256));
            case 2 -> with(in, at, (byte) (in[at] + (random.nextBoolean() ? 1 : -1)));
            case 3 -> number(in, at, EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1, random);
            // What claims to be as long as all there is, or a little longer.
            case 4 -> number(in, at, in.length - at + random.nextInt(9) - 4, random);
            case 5 -> splice(in, at, at, varint(EDGES[random.nextInt(EDGES.length)]));
            case 6 -> splice(in, at, end(in, at, random), new byte[0]);
            case 7 -> Arrays.copyOf(in, at);
            case 8 -> splice(in, at, at, Arrays.copyOfRange(in, at, end(in, at, random)));
            case 9 -> repeat(in, at, random);
            case 10 -> {
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                yield splice(in, at, end(in, at, random), Arrays.copyOfRange(other, from, end(other, from, random)));
            }
            case 11 -> splice(in, at, at, tokens.get(random.nextInt(tokens.size())));
            default -> splice(in, at, end(in, at, random), tokens.get(random.nextInt(tokens.size())));
        };
    }

    private static int end(byte[] in, int from, SplittableRandom random) {
        int most = Math.min(in.length - from, 1 << random.nextInt(8));
        return from + (most == 0 ? 0 : 1 + random.nextInt(most));
    }

    private static byte[] with(byte[] in, int at, byte value) {
        byte[] out = in.clone();
        out[at] = value;
        return out;
    }

    private static byte[] number(byte[] in, int at, long value, SplittableRandom random) {
        byte[] out = in.clone();
        int width = 1 << random.nextInt(4);
        boolean isBigEndian = random.nextInt(4) != 0;
        for (int i = 0; i < width && at + i < out.length; i++) {
            int shift = 8 * (isBigEndian ? width - 1 - i : i);
            out[at + i] = (byte) (value >>> shift);
        }
        return out;
    }

    /** The same few bytes many times over: nesting, long lists. */
    private static byte[] repeat(byte[] in, int at, SplittableRandom random) {
        byte[] piece = Arrays.copyOfRange(in, at, Math.min(in.length, at + 1 + random.nextInt(8)));
        int times = 1 + random.nextInt(random.nextInt(16) == 0 ? MAX_REPEATS : 64);
        byte[] pieces = new byte[piece.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(piece, 0, pieces, i * piece.length, piece.length);
        }
        return splice(in, at, at, pieces);
    }

    private static byte[] varint(long value) {
        byte[] out = new byte[10];
        int length = 0;
        long rest = value;
        do {
            out[length++] = (byte) ((rest & 0x7f) | (rest >>> 7 != 0 ? 0x80 : 0));
            rest >>>= 7;
        } while (rest != 0);
        return Arrays.copyOf(out, length);
    }

    /** The bytes {@code [from, to)} exchanged for others. */
    private static byte[] splice(byte[] in, int from, int to, byte[] piece) {
        byte[] out = new byte[in.length - (to - from) + piece.length];
        System.arraycopy(in, 0, out, 0, from);
        System.arraycopy(piece, 0, out, from, piece.length);
        System.arraycopy(in, to, out, from + piece.length, in.length - to);
        return out;
    }
}

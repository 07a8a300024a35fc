package io.axolotl.jepsen.simulation;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Chance that comes from the seed and from nowhere else. Every concern draws from its own branch, so that one more draw
 * in the network does not shift what the disks do.
 *
 * <p>Confined to the simulation's thread.
 */
final class Chance {
    private final SplittableRandom random;

    private Chance(SplittableRandom random) {
        this.random = random;
    }

    static Chance ofSeed(long seed) {
        return new Chance(new SplittableRandom(seed));
    }

    /** An independent source; the order in which branches are taken is part of what a seed means. */
    Chance branch() {
        return new Chance(random.split());
    }

    /** A source for a part that takes the JDK's type. */
    SplittableRandom splittable() {
        return random.split();
    }

    boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Uniform in {@code [from, to]}, both included. */
    long between(long from, long to) {
        return from == to ? from : random.nextLong(from, to + 1);
    }

    /** Uniform in {@code [from, to]}, both included. */
    int between(int from, int to) {
        return random.nextInt(from, to + 1);
    }

    double fraction() {
        return random.nextDouble();
    }

    /** Exponentially distributed around {@code mean}, cut off at twelve times the mean. */
    long around(long mean) {
        double drawn = -Math.log(1 - random.nextDouble()) * mean;
        return (long) Math.min(drawn, 12.0 * mean);
    }

    /** Uniform in {@code [0, bound)}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    long anyLong() {
        return random.nextLong();
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    long oneOf(long... choices) {
        return choices[random.nextInt(choices.length)];
    }
}

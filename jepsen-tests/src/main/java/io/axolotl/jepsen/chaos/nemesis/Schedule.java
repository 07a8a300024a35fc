package io.axolotl.jepsen.chaos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * When which fault comes and how long it stays, in streams that run at once; within a stream one fault is undone before the next
 * comes. Follows from the seed alone. Immutable.
 */
public record Schedule(List<List<Step>> streams) {
    /** Takes any fault that is possible, in two streams at once. */
    public static final String MIX = "mix";

    private static final int STREAMS_OF_MIX = 2;

    /**
     * One fault.
     *
     * @param fault its id
     * @param atMillis since the first could come; later if the one before is not undone by then
     * @param holdMillis how long it stays
     * @param seed of all else that is drawn for it
     */
    public record Step(String fault, long atMillis, long holdMillis, long seed) {}

    /**
     * How often faults come. Immutable.
     *
     * @param leastRestMillis between the end of one and the next of the same stream, at least and at most
     */
    public record Pace(long leastRestMillis, long mostRestMillis) {
        /** Time to see that service is back between two faults. */
        public static final Pace CALM = new Pace(3_000, 8_000);

        /** For runs of less than a minute. */
        public static final Pace BRISK = new Pace(1_500, 3_000);
    }

    public Schedule {
        streams = streams.stream().map(List::copyOf).toList();
    }

    /**
     * @param asked the faults of each stream; {@link #MIX} is two streams of all
     * @param possible those that can be played here
     * @param millis in which faults come
     */
    public static Schedule of(List<String> asked, List<Fault> possible, long millis, long seed, Pace pace) {
        SplittableRandom chance = new SplittableRandom(seed);
        List<List<Step>> streams = new ArrayList<>();
        for (String name : asked) {
            boolean isMix = name.equals(MIX);
            // Of all, so that the same seed draws the same on every system and machine; what cannot be played is left
            // out after.
            List<Fault> faults = (isMix ? Faults.names() : List.of(name))
                    .stream().map(Faults::named).toList();
            for (int stream = 0; stream < (isMix ? STREAMS_OF_MIX : 1); stream++) {
                // Each from a seed of its own, so that one more stream leaves the others as they are.
                streams.add(stream(faults, millis, new SplittableRandom(chance.nextLong()), pace).stream()
                        .filter(step -> possible.contains(Faults.named(step.fault())))
                        .toList());
            }
        }
        return new Schedule(streams);
    }

    private static List<Step> stream(List<Fault> faults, long millis, SplittableRandom chance, Pace pace) {
        List<Step> steps = new ArrayList<>();
        long at = chance.nextLong(pace.leastRestMillis);
        while (!faults.isEmpty()) {
            Fault fault = faults.get(chance.nextInt(faults.size()));
            long hold = fault.leastHoldMillis() + chance.nextLong(fault.mostHoldMillis() - fault.leastHoldMillis() + 1);
            if (at + hold > millis && !steps.isEmpty()) {
                return steps;
            }
            steps.add(new Step(fault.id(), at, Math.min(hold, millis), chance.nextLong()));
            at += hold + pace.leastRestMillis + chance.nextLong(pace.mostRestMillis - pace.leastRestMillis + 1);
        }
        return steps;
    }
}

package io.axolotl.jepsen.chaos.measure;

import io.axolotl.jepsen.chaos.Call;
import io.axolotl.jepsen.chaos.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a run in slices of equal length, the first from 0. Immutable.
 *
 * @param sliceNanos the length of a slice
 */
public record CallSeries(long sliceNanos, List<Slice> slices) {
    /** Lengths that read well on an axis. */
    private static final long[] LENGTHS = {
        100_000_000L,
        200_000_000L,
        500_000_000L,
        1_000_000_000L,
        2_000_000_000L,
        5_000_000_000L,
        10_000_000_000L,
        30_000_000_000L,
        60_000_000_000L,
        300_000_000_000L,
        3_600_000_000_000L
    };

    private static final int MOST_SLICES = 400;

    /**
     * One of them.
     *
     * @param done calls that ended in it so; refused and unknown likewise
     * @param latency of the calls that began in it and were done; null if there were none
     */
    public record Slice(
            long done, long refused, long unknown, @Nullable Latency latency) {
        public long errors() {
            return refused + unknown;
        }
    }

    /** In nanoseconds. */
    public record Latency(long p50Nanos, long p99Nanos, long maxNanos) {}

    public CallSeries {
        slices = List.copyOf(slices);
    }

    /**
     * Cuts a run.
     *
     * @param untilNanos covered at least; also covered is every call
     */
    public static CallSeries of(List<Call> calls, long untilNanos) {
        long end = Math.max(
                1,
                Math.max(
                        untilNanos,
                        calls.stream().mapToLong(Call::returnedNanos).max().orElse(0)));
        long length = Arrays.stream(LENGTHS)
                .filter(candidate -> end / candidate < MOST_SLICES)
                .findFirst()
                .orElse(LENGTHS[LENGTHS.length - 1]);
        int count = (int) (end / length) + 1;
        Map<Outcome, long[]> ended = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            ended.put(outcome, new long[count]);
        }
        List<List<Long>> took = new ArrayList<>();
        for (int slice = 0; slice < count; slice++) {
            took.add(new ArrayList<>());
        }
        for (Call call : calls) {
            of(ended, call.outcome())[place(call.returnedNanos(), length)]++;
            if (call.outcome() == Outcome.DONE) {
                took.get(place(call.invokedNanos(), length)).add(call.returnedNanos() - call.invokedNanos());
            }
        }
        List<Slice> slices = new ArrayList<>();
        for (int slice = 0; slice < count; slice++) {
            slices.add(new Slice(
                    of(ended, Outcome.DONE)[slice],
                    of(ended, Outcome.REFUSED)[slice],
                    of(ended, Outcome.UNKNOWN)[slice],
                    latency(took.get(slice))));
        }
        return new CallSeries(length, slices);
    }

    private static long[] of(Map<Outcome, long[]> counts, Outcome outcome) {
        return Objects.requireNonNull(counts.get(outcome));
    }

    private static int place(long nanos, long length) {
        return (int) (Math.max(0, nanos) / length);
    }

    private static @Nullable Latency latency(List<Long> took) {
        if (took.isEmpty()) {
            return null;
        }
        long[] sorted = took.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Latency(rank(sorted, 0.5), rank(sorted, 0.99), sorted[sorted.length - 1]);
    }

    private static long rank(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    /** Calls that ended in a slice, as a rate. */
    public double perSecond(long calls) {
        return calls * 1e9 / sliceNanos;
    }

    /** Where a slice begins. */
    public long fromNanos(int slice) {
        return slice * sliceNanos;
    }
}

package io.axolotl.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class SnapshotPolicyProperties {
    /** Bytes of each entry, from index 1 on, as a log tells them. */
    private record Weights(List<Integer> bytes) {
        long after(long index) {
            return bytes.stream()
                    .skip(Math.max(0, index))
                    .mapToLong(each -> each)
                    .sum();
        }
    }

    @Property(tries = 500)
    @Label("pitfall 46, D34: the log is cut as far as snapshot and flushed state go, less the longest tail that fits")
    void cutsToTheLongestTailThatFits(
            @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 100) Integer> bytes,
            @ForAll @IntRange(max = 60) int snapshotAt,
            @ForAll @IntRange(max = 60) int flushedAt,
            @ForAll @IntRange(max = 70) int tailEntries,
            @ForAll @IntRange(max = 1_000) int tailBytes) {
        Weights log = new Weights(bytes);
        int snapshot = Math.min(snapshotAt, bytes.size());
        int flushed = Math.min(flushedAt, bytes.size());
        SnapshotPolicy policy = new SnapshotPolicy(1, 1, 1, tailEntries, tailBytes);

        long cut = policy.cutThrough(snapshot, flushed, log::after);

        long border = Math.min(snapshot, flushed);
        long expected = border;
        for (long index = border; index >= 0; index--) {
            if (border - index <= tailEntries && log.after(index) - log.after(border) <= tailBytes) {
                expected = index;
            }
        }
        assertThat(cut).isEqualTo(expected).isLessThanOrEqualTo(snapshot).isLessThanOrEqualTo(flushed);
    }

    @Property(tries = 200)
    @Label(
            "D34: a log that is told about coarsely is still cut within its bounds, right to what the figures leave open")
    void coarseFiguresDoNotPassTheBorder(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 100) Integer> bytes,
            @ForAll @IntRange(min = 1, max = 8) int step,
            @ForAll @IntRange(max = 1_000) int tailBytes) {
        Weights log = new Weights(bytes);
        LongUnaryOperator coarse = index -> log.after(index / step * step);
        long cut = new SnapshotPolicy(1, 1, 1, 1_000, tailBytes).cutThrough(bytes.size(), bytes.size(), coarse);
        assertThat(cut).isBetween(0L, (long) bytes.size());
        assertThat(log.after(cut)).isLessThanOrEqualTo(tailBytes + 100L * step);
    }

    /** One run that was applied. */
    private record Run(int entries, int bytesEach, int nanosEach) {}

    @Property(tries = 300)
    @Label("a snapshot is due as soon as one of its three bounds is reached, and never before")
    void dueAsSoonAsABoundIsReached(
            @ForAll @Size(max = 80) List<@LongRange(max = 63) Long> shapes,
            @ForAll @IntRange(min = 1, max = 200) int maxEntries,
            @ForAll @IntRange(min = 1, max = 20_000) int maxBytes,
            @ForAll @IntRange(min = 1, max = 20_000) int maxNanos) {
        SnapshotPolicy policy = new SnapshotPolicy(maxEntries, maxNanos, maxBytes, 0, 0);
        long entries = 0;
        long bytes = 0;
        long nanos = 0;
        for (long shape : shapes) {
            Run run = new Run(1 + (int) shape % 4, 1 + (int) shape / 4 % 4 * 50, 1 + (int) shape / 16 * 40);
            entries += run.entries;
            bytes += (long) run.entries * run.bytesEach;
            nanos += (long) run.entries * run.nanosEach;
            boolean isDue = policy.isDue(new SnapshotPolicy.Since(entries, bytes, nanos));
            assertThat(isDue).isEqualTo(entries >= maxEntries || bytes >= maxBytes || nanos >= maxNanos);
            if (isDue) {
                entries = 0;
                bytes = 0;
                nanos = 0;
            }
        }
        assertThat(policy.isDue(new SnapshotPolicy.Since(0, Long.MAX_VALUE, Long.MAX_VALUE)))
                .as("nothing was applied")
                .isFalse();
    }

    @Property(tries = 300)
    @Label("at a steady cost the forecast is what applying takes; if the mix changes it errs to the long side")
    void forecastIsWhatApplyingTakes(
            @ForAll @IntRange(min = 1, max = 1_000_000) int nanosPerEntry,
            @ForAll @IntRange(min = 0, max = 100_000) int bytesPerEntry,
            @ForAll @IntRange(min = 1, max = 500) int runs,
            @ForAll @IntRange(min = 1, max = 1_000) int runEntries) {
        ReplayForecast forecast = new ReplayForecast();
        assertThat(forecast.nanosFor(1_000, 1_000)).as("nothing is known").isZero();
        for (int i = 0; i < runs; i++) {
            forecast.applied(runEntries, (long) runEntries * bytesPerEntry, (long) runEntries * nanosPerEntry);
        }
        long steady = forecast.nanosFor(10_000, 10_000L * bytesPerEntry);
        assertThat(steady).isBetween(9_990L * nanosPerEntry, 10_010L * nanosPerEntry);
        assertThat(forecast.nanosFor(10_000, 0)).isBetween(steady - 1, steady + 1);
        assertThat(forecast.nanosFor(10_000, 20_000L * bytesPerEntry)).isGreaterThanOrEqualTo(steady - 1);
    }
}

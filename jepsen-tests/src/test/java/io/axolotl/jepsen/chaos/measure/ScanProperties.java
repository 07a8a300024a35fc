package io.axolotl.jepsen.chaos.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.axolotl.jepsen.chaos.Probe;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

@Label("faults.md §7.1: windows without service, against a slow and obvious reading of the definition")
final class ScanProperties {
    private static final long BUCKET = Bounds.DEFAULT.bucketNanos();
    private static final int GOOD_IN_A_ROW = Bounds.DEFAULT.goodInARow();
    private static final int PROBES = 5;

    /** Runs of good and bad buckets of all lengths around those that matter. */
    @Provide
    Arbitrary<List<Boolean>> buckets() {
        return Arbitraries.integers().between(1, 30).list().ofMaxSize(12).map(lengths -> {
            List<Boolean> buckets = new ArrayList<>();
            boolean isGood = lengths.size() % 2 == 0;
            for (int length : lengths) {
                for (int i = 0; i < length; i++) {
                    buckets.add(isGood);
                }
                isGood = !isGood;
            }
            return buckets;
        });
    }

    /** A bad bucket answers two of five, a good one three; where both would be likely to be mistaken for the other. */
    private static ProbeSeries series(List<Boolean> buckets) {
        List<Probe> probes = new ArrayList<>();
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            int answered = buckets.get(bucket) ? 3 : 2;
            for (int i = 0; i < PROBES; i++) {
                boolean isOk = i < answered;
                long sent = bucket * BUCKET + i * (BUCKET / PROBES);
                probes.add(new Probe(sent, isOk ? BUCKET : 2 * BUCKET, 0, "write", isOk));
            }
        }
        probes.add(new Probe(buckets.size() * BUCKET, 1, 0, "write", true));
        return new ProbeSeries(probes);
    }

    private static Scan scan(List<Boolean> buckets, long settleAfterNanos) {
        return Scan.of(List.of(series(buckets)), 0, settleAfterNanos, buckets.size() * BUCKET, Bounds.DEFAULT);
    }

    private static boolean isGood(List<Boolean> buckets, int from, int to) {
        return buckets.subList(from, to).stream().allMatch(good -> good);
    }

    /** Buckets in which the prober was not on time are as if they were not there. */
    @Property
    void bucketsWithoutProbesAreNeitherGoodNorBad(@ForAll("buckets") List<Boolean> buckets) {
        List<Probe> thinned = new ArrayList<>();
        List<Boolean> doubled = new ArrayList<>();
        for (boolean isGood : buckets) {
            doubled.add(isGood);
            doubled.add(isGood);
        }
        ProbeSeries whole = series(doubled);
        for (int bucket = 0; bucket < doubled.size(); bucket += 2) {
            thinned.addAll(whole.between(bucket * BUCKET, (bucket + 1) * BUCKET));
        }
        thinned.add(new Probe(doubled.size() * BUCKET, 1, 0, "write", true));
        Scan half =
                Scan.of(List.of(new ProbeSeries(thinned)), 0, Long.MAX_VALUE, doubled.size() * BUCKET, Bounds.DEFAULT);
        Scan plain = scan(buckets, Long.MAX_VALUE);
        assertThat(half.badNanos()).isEqualTo(plain.badNanos());
        assertThat(half.windows()).hasSameSizeAs(plain.windows());
        assertThat(half.lost()).isEqualTo(plain.lost());
    }

    @Property
    void everyBadBucketIsInExactlyOneWindowAndEachWindowBeginsAndEndsBad(@ForAll("buckets") List<Boolean> buckets) {
        Scan scan = scan(buckets, Long.MAX_VALUE);
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            long from = bucket * BUCKET;
            long holding = scan.windows().stream()
                    .filter(window -> window.fromNanos() <= from && window.toNanos() >= from + BUCKET)
                    .count();
            assertThat(holding).isLessThanOrEqualTo(1);
            if (!buckets.get(bucket)) {
                assertThat(holding).isOne();
            }
        }
        for (Window window : scan.windows()) {
            assertThat(buckets.get((int) (window.fromNanos() / BUCKET))).isFalse();
            assertThat(buckets.get((int) (window.toNanos() / BUCKET) - 1)).isFalse();
        }
        assertThat(scan.badNanos())
                .isEqualTo(buckets.stream().filter(good -> !good).count() * BUCKET);
    }

    @Property
    void windowsAreApartByEnoughGoodBucketsAndHoldNoSuchRun(@ForAll("buckets") List<Boolean> buckets) {
        List<Window> windows = scan(buckets, Long.MAX_VALUE).windows();
        for (int i = 0; i < windows.size(); i++) {
            int from = (int) (windows.get(i).fromNanos() / BUCKET);
            int to = (int) (windows.get(i).toNanos() / BUCKET);
            for (int start = from; start + GOOD_IN_A_ROW <= to; start++) {
                assertThat(isGood(buckets, start, start + GOOD_IN_A_ROW)).isFalse();
            }
            int next = i + 1 < windows.size() ? (int) (windows.get(i + 1).fromNanos() / BUCKET) : buckets.size();
            assertThat(windows.get(i).isOver()).isEqualTo(next - to >= GOOD_IN_A_ROW);
            assertThat(isGood(buckets, to, next)).isTrue();
        }
    }

    @Property
    void walkEndsWhereServiceWasGoodForLongEnoughAfterTheHealing(
            @ForAll("buckets") List<Boolean> buckets, @ForAll("healings") int healed) {
        Scan scan = scan(buckets, healed * BUCKET);
        int expected = -1;
        for (int end = GOOD_IN_A_ROW; end <= buckets.size() && expected < 0; end++) {
            if (end >= healed && isGood(buckets, end - GOOD_IN_A_ROW, end)) {
                expected = end;
            }
        }
        assertThat(scan.isSettled()).isEqualTo(expected >= 0);
        assertThat(scan.settledNanos()).isEqualTo((expected < 0 ? buckets.size() : expected) * BUCKET);
    }

    @Provide
    Arbitrary<Integer> healings() {
        return Arbitraries.integers().between(0, 100);
    }

    @Property
    void lostProbesAreThoseNotAnsweredInTime(@ForAll("buckets") List<Boolean> buckets) {
        Scan scan = scan(buckets, Long.MAX_VALUE);
        int lost = buckets.stream().mapToInt(good -> good ? 2 : 3).sum();
        assertThat(scan.offered()).isEqualTo(buckets.size() * PROBES);
        assertThat(scan.lost()).isEqualTo(lost);
    }

    @Property
    void oneSlowAnswerMakesABucketBadAndNoProbeAtAllDoesNot(@ForAll boolean isSlow) {
        List<Probe> probes = new ArrayList<>();
        for (long sent = 0; sent < 60 * BUCKET; sent += BUCKET / PROBES) {
            boolean isTenth = sent / BUCKET == 10;
            if (!isTenth || isSlow) {
                boolean isLate = isTenth && sent % BUCKET == 0;
                probes.add(new Probe(sent, isLate ? BUCKET + 1 : BUCKET, 0, "write", true));
            }
        }
        Scan scan = Scan.of(List.of(new ProbeSeries(probes)), 0, Long.MAX_VALUE, 59 * BUCKET, Bounds.DEFAULT);
        assertThat(scan.windows()).isEqualTo(isSlow ? List.of(new Window(10 * BUCKET, 11 * BUCKET, true)) : List.of());
    }
}
